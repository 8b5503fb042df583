import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');
const SOURCES = join(ROOT, 'test', 'e2e', 'images');
const PRODUCTS = join(ROOT, 'dist');

export interface NodeImages {
  /** Keys are `node/NAME`, values are files. */
  readonly programs: Readonly<Record<string, string>>;
  /** Resolves when all the files are there: the cluster can come up meanwhile, as no pod asks for them before. */
  readonly bundled: Promise<void>;
}

/** The programs behind the images `sandbox.test/node/NAME`: the tests' own servers, bundled into `folder`, and `make build`'s. */
export function bundleNodeImages(folder: string): NodeImages {
  const sources = namesIn(SOURCES, /^(.+)(?<!\.test)\.ts$/);
  const products = existsSync(PRODUCTS) ? namesIn(PRODUCTS, /^(.+)\.mjs$/) : [];
  return {
    programs: Object.fromEntries([
      ...sources.map((name) => [`node/${name}`, join(folder, `${name}.mjs`)] as const),
      ...products.map((name) => [`node/${name}`, join(PRODUCTS, `${name}.mjs`)] as const),
    ]),
    bundled: bundle(
      sources.map((name) => join(SOURCES, `${name}.ts`)),
      folder,
    ),
  };
}

async function bundle(entryPoints: string[], outdir: string): Promise<void> {
  await build({
    entryPoints,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
    // Packages written as CommonJS ask for `require`, which a module does not have.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
}

function namesIn(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder).flatMap((file) => pattern.exec(file)?.[1] ?? []);
}
