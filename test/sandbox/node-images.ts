import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram } from '../bundle-program.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SOURCES = join(ROOT, 'test', 'e2e', 'images');
/** Those of our programs that run in a cluster. */
const PRODUCTS = ['webhook', 'controller'];

export interface NodeImages {
  /** Keys are `node/NAME`, values are files. */
  readonly programs: Readonly<Record<string, string>>;
  /** Resolves when all the files are there: the cluster can come up meanwhile, as no pod asks for them before. */
  readonly bundled: Promise<unknown>;
}

/** The programs behind the images `sandbox.test/node/NAME`, each bundled from its source into a folder of its own. */
export function bundleNodeImages(folder: string): NodeImages {
  const sources = [
    ...namesIn(SOURCES, /^(.+)(?<!\.test)\.ts$/).map((name) => ({ name, source: join(SOURCES, `${name}.ts`) })),
    ...PRODUCTS.map((name) => ({ name, source: join(ROOT, name, 'main.ts') })).filter(({ source }) =>
      existsSync(source),
    ),
  ];
  return {
    programs: Object.fromEntries(sources.map(({ name }) => [`node/${name}`, join(folder, name, `${name}.mjs`)])),
    bundled: Promise.all(sources.map(({ name, source }) => bundleProgram(source, join(folder, name), name))),
  };
}

function namesIn(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder).flatMap((file) => pattern.exec(file)?.[1] ?? []);
}
