import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LogFile } from './log-file.ts';
import { formatLogLine, logTime, parseLogLine } from './log-line.ts';
import { parseLogQuery, readLog, selectLog } from './log-query.ts';

const text = [
  '2026-01-01T00:00:01.000000000Z stdout F one',
  '2026-01-01T00:00:02.000000000Z stderr P tw',
  '2026-01-01T00:00:02.000000000Z stderr F o',
  '2026-01-01T00:00:03.000000000Z stdout F three',
  '',
].join('\n');

function query(parameters: string) {
  return parseLogQuery(new URLSearchParams(parameters), Date.parse('2026-01-01T00:00:04Z'));
}

for (const [parameters, expected] of [
  ['', 'one\ntwo\nthree\n'],
  ['tailLines=1', 'three\n'],
  ['tailLines=0', ''],
  ['sinceSeconds=1', 'three\n'],
  ['sinceTime=2026-01-01T00:00:03Z', 'three\n'],
  ['stream=Stderr', 'two\n'],
  ['timestamps=true&tailLines=1', '2026-01-01T00:00:03.000000000Z three\n'],
] as const) {
  test(`selectLog() honours "${parameters}"`, () => {
    assert.equal(selectLog(text, query(parameters)), expected);
  });
}

test('log lines survive a round trip', () => {
  const line = { time: logTime(), stream: 'stdout', partial: true, text: 'a b' } as const;
  assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  assert.deepEqual(parseLogLine(formatLogLine(line).trimEnd()), line);
  assert.equal(parseLogLine('nonsense'), undefined);
});

test('readLog() follows a log until it is closed', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'log-'));
  t.after(() => rm(directory, { recursive: true }));
  const log = new LogFile(join(directory, '0.log'));
  const stream = log.stream('stdout');
  const write = (chunk: string) => new Promise((resolve) => stream.write(chunk, resolve));
  await write('one\ntw');
  const seen: string[] = [];
  const reading = (async () => {
    for await (const part of readLog(log, query('follow=true'), new AbortController().signal)) seen.push(part);
  })();
  await write('o\nthree');
  await new Promise<void>((resolve) => stream.end(() => resolve()));
  await log.close();
  await reading;
  assert.equal(seen.join(''), 'one\ntwo\nthree\n');
});

test('readLog() stops at limitBytes and at an abort', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'log-'));
  t.after(() => rm(directory, { recursive: true }));
  const log = new LogFile(join(directory, '0.log'));
  t.after(() => log.close());
  const stream = log.stream('stdout');
  await new Promise((resolve) => stream.write('one\ntwo\n', resolve));
  const read = async (parameters: string, signal: AbortSignal) => {
    const parts: string[] = [];
    for await (const part of readLog(log, query(parameters), signal)) parts.push(part);
    return parts.join('');
  };
  assert.equal(await read('limitBytes=5', new AbortController().signal), 'one\nt');
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 50);
  assert.equal(await read('follow=true', abort.signal), 'one\ntwo\n');
});
