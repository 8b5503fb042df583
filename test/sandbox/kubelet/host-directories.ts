import { existsSync, lstatSync, readdirSync } from 'node:fs';

/**
 * What containers see of the machine: its programs and libraries, and what those look up in /etc. Not /usr/local, which
 * belongs to images, nor anything of anybody's.
 */
const CANDIDATES = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/lib',
  '/usr/lib32',
  '/usr/lib64',
  '/usr/libexec',
  '/usr/share',
  '/etc/ssl',
  '/etc/pki',
  '/etc/ca-certificates',
  '/etc/alternatives',
  // A file, which is as good.
  '/etc/ld.so.cache',
] as const;

export function hostDirectories(): string[] {
  return CANDIDATES.filter((path) => existsSync(path) && !lstatSync(path).isSymbolicLink());
}

export function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
