// Runs test files on the Node that runs this: node --import tsx test/run-files.ts TOTALS CONCURRENCY MINUTES FILE...
// What happens goes to standard output, the Totals as JSON to the file TOTALS. `node --test` would do the same but for
// one thing: Node 20 loads its reporters without --import, so that they could not be TypeScript.
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { totalsReporter } from './totals-reporter.ts';

const [totalsFile = '', concurrency = '1', minutes = '10', ...files] = process.argv.slice(2);
const events = run({
  files: files.map((file) => resolve(file)),
  concurrency: Number(concurrency),
  // What still runs then fails and is ended. The `timeout` option would leave a file running that holds a timer.
  signal: AbortSignal.timeout(Number(minutes) * 60_000),
});
events.on('test:fail', ({ todo }) => {
  if (todo === undefined || todo === false) process.exitCode = 1;
});
events.pipe(new spec()).pipe(process.stdout);
await finished(events.compose(totalsReporter).pipe(createWriteStream(totalsFile)));
