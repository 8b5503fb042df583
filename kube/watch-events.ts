import type { Readable } from 'node:stream';
import { errorOfStatus } from './errors.ts';

/** One line of a watch. A `BOOKMARK` carries nothing but the resourceVersion up to which all is told. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/**
 * The events of a watch's body, which is JSON documents split by newlines; a document may arrive in any number of pieces.
 *
 * @throws {KubeError} for an `ERROR` event (410 when the resourceVersion is too old)
 * @throws {SyntaxError} for a line that is no JSON: a watch that is cut in the middle ends so, and must be started again
 */
export async function* watchEvents<T>(body: Readable): AsyncGenerator<WatchEvent<T>> {
  let rest: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      rest.push(chunk.subarray(start, end));
      yield parseEvent<T>(Buffer.concat(rest).toString('utf8'));
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield parseEvent<T>(Buffer.concat(rest).toString('utf8'));
}

function parseEvent<T>(line: string): WatchEvent<T> {
  const event = JSON.parse(line) as { type: string; object: T };
  if (event.type === 'ERROR') throw errorOfStatus('watch', event.object);
  return event as WatchEvent<T>;
}
