import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The file of a program on `PATH`, or undefined where there is none. */
export function findOnPath(program: string, env: NodeJS.ProcessEnv): string | undefined {
  // iptables and its like are in sbin, which is not on every user's PATH.
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
