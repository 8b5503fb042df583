import { open, readFile } from 'node:fs/promises';
import type { LogFile } from './log-file.ts';
import { type LogLine, parseLogLine } from './log-line.ts';

/** What of a log is asked for, as in the query of a kubelet's /containerLogs. */
export interface LogQuery {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
  /** Milliseconds since 1970; lines before it are left out. */
  readonly since: number | undefined;
  readonly stream: LogLine['stream'] | undefined;
}

export function parseLogQuery(parameters: URLSearchParams, now: number): LogQuery {
  const number = (name: string): number | undefined => {
    const text = parameters.get(name);
    return text === null || text === '' ? undefined : Number(text);
  };
  const seconds = number('sinceSeconds');
  const sinceTime = parameters.get('sinceTime');
  const stream = parameters.get('stream')?.toLowerCase();
  return {
    follow: parameters.get('follow') === 'true',
    previous: parameters.get('previous') === 'true',
    timestamps: parameters.get('timestamps') === 'true',
    tailLines: number('tailLines'),
    limitBytes: number('limitBytes'),
    since: seconds !== undefined ? now - seconds * 1000 : sinceTime === null ? undefined : Date.parse(sinceTime),
    stream: stream === 'stdout' || stream === 'stderr' ? stream : undefined,
  };
}

/** What `kubectl logs` shows of the text of a log file. */
export function selectLog(
  text: string,
  query: Pick<LogQuery, 'timestamps' | 'tailLines' | 'since' | 'stream'>,
): string {
  const { since, tailLines } = query;
  const lines = text.split('\n').flatMap((line) => {
    const parsed = parseLogLine(line);
    if (parsed === undefined || (query.stream !== undefined && parsed.stream !== query.stream)) return [];
    return since !== undefined && Date.parse(parsed.time) < since ? [] : [parsed];
  });
  const shown = tailLines === undefined ? lines : tailLines <= 0 ? [] : lines.slice(-tailLines);
  return shown
    .map((line) => `${query.timestamps ? `${line.time} ` : ''}${line.text}${line.partial ? '' : '\n'}`)
    .join('');
}

/** Yields the log, and with `follow` whatever is added to it until the container has ended or the signal aborts. */
export async function* readLog(log: LogFile, query: LogQuery, signal: AbortSignal): AsyncGenerator<string> {
  let left = query.limitBytes ?? Number.POSITIVE_INFINITY;
  const limited = (text: string): string => {
    const bytes = Buffer.byteLength(text);
    const part = bytes <= left ? text : Buffer.from(text).subarray(0, left).toString('utf8');
    left -= Math.min(left, bytes);
    return part;
  };
  let changed = (): void => {};
  let dirty = false;
  const unsubscribe = log.subscribe(() => {
    dirty = true;
    changed();
  });
  const onAbort = (): void => changed();
  signal.addEventListener('abort', onAbort);
  try {
    const older = await readFile(`${log.path}.1`, 'utf8').catch(() => '');
    const current = await readFile(log.path).catch(() => Buffer.alloc(0));
    let position = wholeLines(current);
    const first = limited(selectLog(older + current.subarray(0, position).toString('utf8'), query));
    if (first !== '') yield first;
    while (query.follow && left > 0 && !signal.aborted) {
      if (!dirty) {
        if (!log.open) return;
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
      }
      dirty = false;
      const more = await readFrom(log.path, position);
      position = more.position;
      const text = limited(selectLog(more.text, { ...query, tailLines: undefined }));
      if (text !== '') yield text;
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}

/** What has been added since; after a rotation, the rest of the old file comes first. */
async function readFrom(path: string, position: number): Promise<{ text: string; position: number }> {
  const current = await readPart(path, position);
  if (current !== undefined) return { text: current.toString('utf8'), position: position + current.length };
  const rest = (await readPart(`${path}.1`, position)) ?? Buffer.alloc(0);
  const fresh = (await readPart(path, 0)) ?? Buffer.alloc(0);
  return { text: rest.toString('utf8') + fresh.toString('utf8'), position: fresh.length };
}

/** Whole lines from a position to the end, or `undefined` for a file that is shorter than that. */
async function readPart(path: string, position: number): Promise<Buffer | undefined> {
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    if (size < position) return undefined;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - position), 0, size - position, position);
    const read = buffer.subarray(0, bytesRead);
    return read.subarray(0, wholeLines(read));
  } finally {
    await handle.close();
  }
}

function wholeLines(bytes: Buffer): number {
  return bytes.lastIndexOf(0x0a) + 1;
}
