import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { signAdHoc } from './ad-hoc-signature.ts';
import { type Bundle, CODE_CACHE } from './bundle.ts';
import type { Platform } from './platforms.ts';

/** Node looks for it in itself, and from the figure behind it knows whether there is a program of ours. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const BLOB = 'NODE_SEA_BLOB';
const POSTJECT = createRequire(import.meta.url).resolve('postject/dist/cli.js');

/**
 * Loads the scripts beside it that it is told, as an executable would, and writes what V8 has made of each by then. Nothing of
 * what they do is run.
 */
const MAKE_CODE_CACHE = `const { readFileSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const { Script } = require('node:vm');
const loaded = new Map();
function load(id) {
  if (!id.startsWith('.')) return require(id);
  const name = basename(id);
  if (!loaded.has(name)) {
    const module = { exports: {} };
    const source = readFileSync(join(__dirname, name), 'latin1');
    const script = new Script('(function(module,exports,require){' + source + '})', { filename: name });
    loaded.set(name, { module, script });
    script.runInThisContext()(module, module.exports, load);
  }
  return loaded.get(name).module.exports;
}
for (const name of process.argv.slice(2)) load('./' + name);
for (const [name, { script }] of loaded) writeFileSync(join(__dirname, name + '${CODE_CACHE}'), script.createCachedData());
`;

/**
 * Writes to `output` what is put into an executable: the scripts, and with `codeCache` what V8 has made of them, which a Node
 * of another platform cannot use.
 *
 * @param node of this platform, and of the version that the blob is for
 */
export async function writeSeaBlob(
  output: string,
  { main, chunks }: Bundle,
  node: string,
  codeCache: boolean,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-sea-'));
  try {
    const assets: Record<string, string> = {};
    for (const [name, text] of chunks) {
      assets[name] = join(folder, name);
      await writeFile(join(folder, name), text);
    }
    const config = {
      ...{ main: join(folder, 'main.cjs'), output, assets },
      ...{ useCodeCache: codeCache, disableExperimentalSEAWarning: true },
    };
    await writeFile(config.main, main);
    if (codeCache) {
      await writeFile(join(folder, 'make-code-cache.cjs'), MAKE_CODE_CACHE);
      await promisify(execFile)(node, [join(folder, 'make-code-cache.cjs'), ...chunks.keys()]);
      for (const name of chunks.keys()) assets[`${name}${CODE_CACHE}`] = join(folder, `${name}${CODE_CACHE}`);
    }
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    await promisify(execFile)(node, ['--experimental-sea-config', join(folder, 'config.json')]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface ExecutableParts {
  /** The Node of the platform. */
  readonly node: string;
  /** What it runs: a file that `writeSeaBlob` wrote. */
  readonly blob: string;
}

/**
 * Makes `file`, a Node that runs what is in the blob.
 *
 * @param hostNode a Node that runs here
 */
export async function makeExecutable(
  file: string,
  { os }: Platform,
  { node, blob }: ExecutableParts,
  hostNode: string,
): Promise<void> {
  await copyFile(node, file);
  const into = [file, BLOB, blob, '--sentinel-fuse', FUSE];
  if (os === 'darwin') into.push('--macho-segment-name', 'NODE_SEA');
  await promisify(execFile)(hostNode, [POSTJECT, ...into]);
  // The signature that Node had was of Node alone.
  if (os === 'darwin') await writeFile(file, signAdHoc(await readFile(file), 'kubectl-canary'));
}
