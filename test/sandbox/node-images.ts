import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');
const SOURCES = join(ROOT, 'test', 'e2e', 'images');
const PRODUCTS = join(ROOT, 'dist');

/**
 * The programs behind the images `sandbox.test/node/NAME`: the tests' own servers, bundled now into `folder`, and what
 * `make build` has made. Keys are `node/NAME`, values are files.
 */
export async function bundleNodeImages(folder: string): Promise<Record<string, string>> {
  const sources = readdirSync(SOURCES).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  await build({
    entryPoints: sources.map((file) => join(SOURCES, file)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
    // Packages written as CommonJS ask for `require`, which a module does not have.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const products = existsSync(PRODUCTS) ? readdirSync(PRODUCTS).filter((file) => file.endsWith('.mjs')) : [];
  return Object.fromEntries([
    ...sources.map((file) => [`node/${basename(file, '.ts')}`, join(folder, file.replace(/\.ts$/, '.mjs'))]),
    ...products.map((file) => [`node/${basename(file, '.mjs')}`, join(PRODUCTS, file)]),
  ]) as Record<string, string>;
}
