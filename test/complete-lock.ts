// Adds the integrity of every package to package-lock.json: node --import tsx test/complete-lock.ts
// npm writes none for optional packages of other platforms, which it does not fetch; asked for them it knows each.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Lock {
  readonly packages: Record<string, { readonly version?: string; readonly integrity?: string }>;
}

const file = join(import.meta.dirname, '..', 'package-lock.json');
const lock = JSON.parse(await readFile(file, 'utf8')) as Lock;
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '' || entry.integrity !== undefined) continue;
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const { stdout } = await promisify(execFile)('npm', ['view', `${name}@${entry.version ?? ''}`, 'dist.integrity']);
  const integrity = stdout.trim();
  if (!integrity.startsWith('sha512-')) throw new Error(`npm knows no integrity of ${name} ${entry.version}`);
  const { version, ...rest } = entry;
  // In npm's order, so that its next change of the file is no other.
  lock.packages[path] = { version: version ?? '', integrity, ...rest };
  console.log(`${name} ${entry.version} ${integrity}`);
}
await writeFile(file, `${JSON.stringify(lock, null, 2)}\n`);
