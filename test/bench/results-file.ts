import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '../../api/version.ts';
import { kubectl, kubectlJson } from '../e2e/kubectl.ts';
import { benchmarksPage } from './page.ts';
import type { Results, Setting } from './results.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
export const RESULTS_FILE = join(DOCS, 'benchmarks.json');
export const PAGE_FILE = join(DOCS, 'benchmarks.md');

/** The machine and the versions, as they are now. */
export async function settingNow(): Promise<Setting> {
  const { serverVersion } = await kubectlJson<{ serverVersion: { gitVersion: string } }>('version');
  const image = ['-o', 'jsonpath={.spec.template.spec.containers[0].image}'];
  const contour = await kubectl('-n', 'projectcontour', 'get', 'deployment', 'contour', ...image);
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0] ?? Number.NaN,
    node: process.version,
    kubernetes: serverVersion.gitVersion,
    contour: contour.split(':').at(-1) ?? '',
    version: `${VERSION} at ${commit()}`,
  };
}

/** Lays new results over those that are kept, and writes the page of all. */
export async function keepResults(change: (results: Results) => Results): Promise<void> {
  const results = change(await keptResults());
  await writeFile(RESULTS_FILE, `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(PAGE_FILE, benchmarksPage(results));
}

export async function keptResults(): Promise<Results> {
  try {
    return JSON.parse(await readFile(RESULTS_FILE, 'utf8')) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { parts: {}, releases: {} };
  }
}

/** Who unpacked an archive has none. */
function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', cwd: DOCS }).trim();
  } catch {
    return 'no commit';
  }
}
