// docs/kubectl-canary.md of the commands as they are: node --import tsx plugin/docs/main.ts [--check]
// With --check nothing is written, and a difference is an error.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { globalOptions } from '../global-options.ts';
import { SPECS } from '../specs.ts';
import { commandsPage } from './commands-page.ts';

const file = join('docs', 'kubectl-canary.md');
const path = join(import.meta.dirname, '..', '..', file);
const text = commandsPage(SPECS, globalOptions());
const isUpToDate = (await readFile(path, 'utf8').catch(() => '')) === text;

if (!process.argv.includes('--check')) {
  if (!isUpToDate) await writeFile(path, text);
  console.log(isUpToDate ? `${file} is up to date` : `wrote ${file}`);
} else if (!isUpToDate) {
  console.error(`${file} is not what the commands in plugin/specs say: run make generate`);
  process.exitCode = 1;
}
