import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_INPUT_BYTES, tooLarge } from '../read-input.ts';

/** A file with manifests, or what was piped in. */
export interface ManifestFile {
  /** As people and editors know it: the path that was given, or that with what is below it. */
  readonly name: string;
  readonly text: string;
}

export interface ManifestFiles {
  readonly files: readonly ManifestFile[];
  /** What was named and cannot be read, each in one sentence. */
  readonly unreadable: readonly string[];
}

const STANDARD_INPUT = '<stdin>';
/** What kubectl takes out of a folder. */
const MANIFESTS = /\.(?:ya?ml|json)$/;

/**
 * The files that `-f` names, in that order: a file whatever it is called, `-` for standard input, and of a folder all manifests
 * in it and below it, in the order of their names. Hidden folders and `node_modules` are left out.
 */
export async function readManifestFiles(
  names: readonly string[],
  readInput: () => Promise<string>,
): Promise<ManifestFiles> {
  const files: ManifestFile[] = [];
  const unreadable: string[] = [];
  for (const name of names) {
    try {
      if (name === '-') files.push({ name: STANDARD_INPUT, text: await readInput() });
      else for (const path of await pathsOf(name)) files.push({ name: path, text: await readText(path) });
    } catch (error) {
      unreadable.push(`${name} cannot be read: ${reasonOf(error)}`);
    }
  }
  return { files, unreadable };
}

async function pathsOf(name: string): Promise<readonly string[]> {
  if (!(await stat(name)).isDirectory()) return [name];
  const entries = await readdir(name, { withFileTypes: true });
  const below = entries
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map((entry): Promise<readonly string[]> => {
      const path = join(name, entry.name);
      if (entry.isDirectory()) return isLeftOut(entry.name) ? Promise.resolve([]) : pathsOf(path);
      return Promise.resolve(MANIFESTS.test(entry.name) ? [path] : []);
    });
  return (await Promise.all(below)).flat();
}

async function readText(path: string): Promise<string> {
  if ((await stat(path)).size > MAX_INPUT_BYTES) throw tooLarge(path);
  return readFile(path, 'utf8');
}

function isLeftOut(folder: string): boolean {
  return folder.startsWith('.') || folder === 'node_modules';
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file or folder';
  return code === 'EACCES' ? 'it may not be read' : message;
}
