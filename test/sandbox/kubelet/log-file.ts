import { type FileHandle, open, rename } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { formatLogLine, type LogLine, logTime } from './log-line.ts';

/** Of a file and of the one before it: a container's log never takes more than twice this. */
const MAX_BYTES = 10 * 2 ** 20;
/** A longer line is cut into parts, as container runtimes do. */
const MAX_LINE = 16 * 1024;

/** The log of one run of a container. It is written as a whole line at a time and rotated to `<path>.1` by size. */
export class LogFile {
  readonly path: string;
  readonly #listeners = new Set<() => void>();
  #handle: FileHandle | undefined;
  #size = 0;
  #queue: Promise<void> = Promise.resolve();
  #open = true;

  constructor(path: string) {
    this.path = path;
  }

  /** Whether more lines may come. */
  get open(): boolean {
    return this.#open;
  }

  /** A stream that writes what comes in as lines; what has no line end at its end is a line too. */
  stream(name: LogLine['stream']): Writable {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    const cut = (text: string): string => {
      const time = logTime();
      let entries = '';
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) entries += entriesOf(line, { time, stream: name });
      if (rest.length >= MAX_LINE) {
        entries += formatLogLine({ time, stream: name, partial: true, text: rest });
        rest = '';
      }
      return entries;
    };
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#append(cut(decoder.write(chunk))).then(() => done(), done);
      },
      final: (done) => {
        const last = rest + decoder.end();
        rest = '';
        this.#append(last === '' ? '' : entriesOf(last, { time: logTime(), stream: name })).then(() => done(), done);
      },
    });
  }

  /** Calls back after each write and at the end; returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** No lines will come any more. */
  async close(): Promise<void> {
    this.#open = false;
    await this.#queue;
    await this.#handle?.close();
    this.#handle = undefined;
    for (const listener of this.#listeners) listener();
  }

  #append(entries: string): Promise<void> {
    if (entries === '') return Promise.resolve();
    const written = this.#queue.then(() => this.#write(entries));
    // A full disk must not end a container: its lines are lost, as on a real node.
    this.#queue = written.catch(() => {});
    return this.#queue;
  }

  async #write(entries: string): Promise<void> {
    if (this.#size > MAX_BYTES) {
      await this.#handle?.close();
      this.#handle = undefined;
      await rename(this.path, `${this.path}.1`);
    }
    if (this.#handle === undefined) {
      this.#handle = await open(this.path, 'a');
      this.#size = (await this.#handle.stat()).size;
    }
    const { bytesWritten } = await this.#handle.write(entries);
    this.#size += bytesWritten;
    for (const listener of this.#listeners) listener();
  }
}

function entriesOf(line: string, head: Pick<LogLine, 'time' | 'stream'>): string {
  let entries = '';
  let at = 0;
  for (; line.length - at > MAX_LINE; at += MAX_LINE) {
    entries += formatLogLine({ ...head, partial: true, text: line.slice(at, at + MAX_LINE) });
  }
  return entries + formatLogLine({ ...head, partial: false, text: line.slice(at) });
}
