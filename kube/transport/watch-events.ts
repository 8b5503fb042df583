import { errorOfStatus, KubeError } from '../errors.ts';

/** One line of a watch. A `BOOKMARK` carries nothing but the resourceVersion up to which all is told. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/** Ten times what an object can have. */
const MAX_LINE_BYTES = 16 * 2 ** 20;

/**
 * The events of a watch's body, which is JSON documents split by newlines; a document may arrive in any number of pieces.
 *
 * @throws {KubeError} for an `ERROR` event (410 when the resourceVersion is too old), for a line that is no event (a watch
 *   that is cut in the middle may end so) and for one without an end: such a watch must be started again
 */
export async function* watchEvents<T>(body: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent<T>> {
  let rest: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      rest.push(chunk.subarray(start, end));
      yield parseEvent<T>(rest);
      rest = [];
      size = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    rest.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > MAX_LINE_BYTES) throw badEvent(`an event is larger than ${MAX_LINE_BYTES} bytes`);
  }
  if (rest.length > 0) yield parseEvent<T>(rest);
}

const TYPES: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

function parseEvent<T>(pieces: readonly Buffer[]): WatchEvent<T> {
  const line = Buffer.concat(pieces).toString('utf8');
  let event: { readonly type?: unknown; readonly object?: unknown } | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch (cause) {
    throw badEvent(`an event is not JSON, it begins with ${JSON.stringify(line.slice(0, 60))}`, cause);
  }
  if (event?.type === 'ERROR') throw errorOfStatus('watch', event.object);
  if (!TYPES.has(event?.type) || typeof event?.object !== 'object') {
    throw badEvent(`this is no event: ${line.slice(0, 60)}`);
  }
  return event as WatchEvent<T>;
}

function badEvent(message: string, cause?: unknown): KubeError {
  return new KubeError({ status: 0, reason: 'BadAnswer', message: `watch: ${message}`, cause });
}
