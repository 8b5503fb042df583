// What things cost: SIZES="100 500 1000" node --import tsx test/bench/main.ts [release sandbox transport ...], in a sandbox. Prints each
// figure as it comes, and keeps it in docs/benchmarks.json and docs/benchmarks.md.

import { apiServer } from '../e2e/api-server.ts';
import { everythingInstalled } from './everything-installed.ts';
import { benchPlugin } from './plugin.ts';
import { profileReleases } from './profile.ts';
import { COMPARED, SIZES } from './references.ts';
import { benchRelease } from './release.ts';
import { measureReleases } from './releases.ts';
import { keepResults, settingNow } from './results-file.ts';
import { type Row, rowText, type TakeRow } from './row.ts';
import { benchPods, benchSandbox } from './sandbox.ts';
import { benchStore } from './store.ts';
import { benchTransport } from './transport.ts';
import { benchWebhook } from './webhook.ts';

// The sandbox comes first, as the others leave their traces in its memory, and those with thousands of pods last.
const PARTS: Readonly<Record<string, (row: TakeRow) => void | Promise<void>>> = {
  sandbox: benchSandbox,
  transport: benchTransport,
  store: benchStore,
  plugin: benchPlugin,
  webhook: benchWebhook,
  release: benchRelease,
  pods: benchPods,
};
const RELEASES = 'releases';
/** Only where it is asked for: it shows figures of a controller that is slowed down, and keeps none. */
const PROFILE = 'profile';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const wanted = process.argv.slice(2);
const known = [...Object.keys(PARTS), RELEASES, PROFILE];
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new RangeError(`no such benchmark: ${unknown.join(', ')}; there are ${known.join(', ')}`);
const sizes = (process.env['SIZES'] ?? '').split(/\s+/).filter((size) => size !== '');
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);

for (const [name, run] of Object.entries(PARTS)) if (isWanted(name)) await part(name, run);
if (isWanted(RELEASES)) for (const size of sizes.length > 0 ? sizes : SIZES) await releases(size);
if (wanted.includes(PROFILE)) await profileReleases(Number(sizes[0] ?? 1000), say);

async function part(name: string, run: (row: TakeRow) => void | Promise<void>): Promise<void> {
  const setting = await settingNow();
  const rows: Row[] = [];
  await run((what, value, beside = {}) => {
    const row = { what, value, ...beside };
    rows.push(row);
    say(rowText(row));
  });
  await keepResults((results) => ({ ...results, parts: { ...results.parts, [name]: { setting, rows } } }));
}

async function releases(size: string): Promise<void> {
  await everythingInstalled();
  const setting = await settingNow();
  const server = await apiServer();
  try {
    const figures = await measureReleases(server, Number(size), say);
    for (const { what, value } of COMPARED) say(rowText({ what: `${size} canaries: ${what}`, value: value(figures) }));
    // Those of another number are for whoever asked for them: there is no column for them.
    if (!SIZES.some((each) => each === size)) return;
    await keepResults((results) => ({ ...results, releases: { ...results.releases, [size]: { setting, figures } } }));
  } finally {
    server.close();
  }
}
