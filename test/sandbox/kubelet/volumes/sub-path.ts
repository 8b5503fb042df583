import { mkdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { VolumeError } from './payload.ts';

/**
 * The file or directory that a subPath of a volume means; a directory is made if there is nothing. A link that leads out
 * of the volume is refused.
 */
export async function resolveSubPath(volume: string, subPath: string): Promise<string> {
  const clean = normalize(subPath);
  if (isAbsolute(clean) || clean === '..' || clean.startsWith('../')) {
    throw new VolumeError(`subPath "${subPath}" must stay inside the volume`);
  }
  const root = await realpath(volume);
  const target = join(root, clean);
  const real = await realpath(target).catch(async () => {
    await mkdir(target, { recursive: true });
    return realpath(target);
  });
  if (real !== root && !real.startsWith(`${root}/`))
    throw new VolumeError(`subPath "${subPath}" leads out of the volume`);
  return real;
}
