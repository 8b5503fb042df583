import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Payload } from './payload.ts';

const DATA = '..data';

/**
 * Writes a payload so that readers see the old files or the new ones, never a mixture: the files are in a directory
 * named after the time, the link `..data` points to it, and what users see are links through `..data`. To swap that one
 * link is the whole change (programs that watch it with inotify count on exactly this layout).
 */
export async function writeAtomically(directory: string, payload: Payload, now: Date): Promise<void> {
  await mkdir(directory, { recursive: true });
  const old = await readlink(join(directory, DATA)).catch(() => undefined);
  const next = `..${now.toISOString().replaceAll(/[-:T]/g, '_').slice(0, 19)}.${randomBytes(4).readUInt32BE()}`;
  await mkdir(join(directory, next));
  for (const [path, { content, mode }] of payload) {
    const file = join(directory, next, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    // Not with writeFile's mode: that is subject to the umask.
    await chmod(file, mode);
  }
  const fresh = join(directory, '..data_tmp');
  await rm(fresh, { force: true });
  await symlink(next, fresh);
  await rename(fresh, join(directory, DATA));

  const wanted = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? path));
  const present = new Set((await readdir(directory)).filter((name) => !name.startsWith('..')));
  for (const name of wanted) if (!present.has(name)) await symlink(join(DATA, name), join(directory, name));
  for (const name of present) if (!wanted.has(name)) await rm(join(directory, name), { force: true });
  if (old !== undefined) await rm(join(directory, old), { recursive: true, force: true });
}
