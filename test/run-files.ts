// Runs test files on the Node that runs this: node --import tsx test/run-files.ts TOTALS CONCURRENCY MINUTES AGAIN FILE...
// What happens goes to standard output, the Totals as JSON to the file TOTALS. Up to AGAIN files that fail are run a second
// time, alone (docs/decisions/0036-a-second-time.md), which `node --test` does not do.
import { setMaxListeners } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { type Totals, totalsReporter, withSecondTime } from './totals-reporter.ts';

const [totalsFile = '', concurrency = '1', minutes = '10', again = '0', ...files] = process.argv.slice(2);
// Each file listens to it.
const end = AbortSignal.timeout(Number(minutes) * 60_000);
setMaxListeners(0, end);

let totals = await runFiles(files, Number(concurrency));
const failed = [...new Set(totals.failed.map(({ file }) => file))];
if (failed.length > 0 && failed.length <= Number(again) && !end.aborted) {
  process.stdout.write(`\nrun again, alone: ${failed.map((file) => relative('.', file)).join(', ')}\n`);
  totals = withSecondTime(totals, await runFiles(failed, 1), failed);
}
if (totals.failed.length > 0) process.exitCode = 1;
await writeFile(totalsFile, JSON.stringify(totals));

async function runFiles(wanted: readonly string[], atATime: number): Promise<Totals> {
  // What still runs at the end fails and is ended. The `timeout` option would leave a file running that holds a timer.
  const events = run({ files: wanted.map((file) => resolve(file)), concurrency: atATime, signal: end });
  events.pipe(new spec()).pipe(process.stdout, { end: false });
  return JSON.parse(await text(events.compose(totalsReporter))) as Totals;
}
