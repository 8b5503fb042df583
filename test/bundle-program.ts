import { build } from 'esbuild';

/** Bundles a program as `make build` does, so that what is imported late is loaded late: `folder/NAME.mjs` and its parts. */
export async function bundleProgram(source: string, folder: string, name: string): Promise<void> {
  await build({
    entryPoints: { [name]: source },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    logLevel: 'error',
    // Packages written as CommonJS ask for `require`, which a module does not have.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
}
