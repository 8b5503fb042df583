import { type Clock, pause } from './clock.ts';
import { KubeError } from './errors.ts';
import type { Log } from './log.ts';
import { type KubeObject, objectKey, withoutManagedFields } from './object.ts';
import type { Query, Transport } from './transport/transport.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly transport: Transport;
  /** A collection: `/api/v1/pods`, `/apis/apps/v1/namespaces/default/deployments`. */
  readonly path: string;
  /** Selectors. */
  readonly query?: Query;
  /** Asks for nothing of each object but its metadata, which the API server then sends alone. @default false */
  readonly metadataOnly?: boolean;
  /** Ends the reflector; nothing else does. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * What the store keeps of an object: memory is what this returns, times the size of the collection. It must keep the
   * fields of `KubeObject`. @default all but managedFields
   */
  readonly keep?: (object: T) => T;
  /**
   * Called after the store has changed, with the key and the object before and after; `undefined` means that it was not, or
   * is not, there. What it throws is logged and changes nothing.
   */
  readonly onChange: (key: string, object: T | undefined, before: T | undefined) => void;
  readonly metrics?: ReflectorMetrics;
  /** From 0 to 1, for jitter. @default Math.random */
  readonly random?: () => number;
}

export interface ReflectorMetrics {
  listed(): void;
  /** A watch that has ended, for whatever reason, and is taken up again. */
  watchEnded(reason: WatchEnd): void;
  /** The server has told something: the store was true at this time. */
  heard(date: Date): void;
}

/** `timeout`: the server ended it in good order. `expired`: 410. `idle`: it said nothing for too long. */
export type WatchEnd = 'timeout' | 'expired' | 'idle' | 'error';

/**
 * A copy of a collection that follows the API server.
 *
 * Guaranteed:
 * - Each key goes through its states in the order in which the server had them, and ends at the one the server has.
 * - While watches follow each other without a gap (no 410), every single state is seen. After a gap, those that were
 *   passed meanwhile are not: one change leads from the state before to the state after.
 * - It never gives up. Whatever fails is tried again, after pauses that grow to half a minute.
 *
 * Not to be assumed:
 * - That objects of different keys are of one moment, or that the copy is of now: it is behind by the time of an event at
 *   best, and by as long as the API server cannot be reached at worst.
 * - That a change of the object is a change of what made it: one that was deleted and made anew during a gap comes as one
 *   change with another `uid`.
 */
export interface Reflector<T extends KubeObject> {
  /** Resolves after the first full list; rejects only when the signal aborts before that. */
  readonly synced: Promise<void>;
  /** Resolves when the reflector has ended after its signal aborted: no timer or connection is left, no call comes any more. */
  readonly ended: Promise<void>;
  get(key: string): T | undefined;
  values(): Iterable<T>;
  readonly size: number;
}

interface List<T> {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  /** Of metadata alone, an empty list is null. */
  readonly items: readonly T[] | null;
}

/** As the API server calls the metadata of an object without the rest. */
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = METADATA.replace('Metadata;', 'MetadataList;');
const PAGE = 500;
/** Of a page: text, bytes and objects of it are in memory at the same time. A page of one object may have more. */
const PAGE_BYTES = 4 * 2 ** 20;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 30_000;
/** The server is asked to end each watch after this long and up to as long again, so that not all are renewed at once. */
const WATCH_SECONDS = 240;
/** A watch that lived this long, or that told of a change, has done its work: the next starts without a pause. */
const HEALTHY_MS = 5_000;

/** Lists, then watches from there, for as long as the signal lives. */
export function startReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector<T> {
  const { transport, path, query, signal, clock, metrics, onChange, random = Math.random } = options;
  const { keep = withoutManagedFields } = options;
  const log = options.log.child({ path });
  const accept = (metadata: string) => (options.metadataOnly === true ? { accept: metadata } : {});
  const store = new Map<string, T>();
  /** All up to here is in the store; `undefined` when only a list can tell. */
  let version: string | undefined;
  /** Objects of a page: fewer once a page was too large. */
  let limit = PAGE;

  function tell(key: string, object: T | undefined, before: T | undefined): void {
    try {
      onChange(key, object, before);
    } catch (error) {
      log.error({ key, err: error }, 'a change was not taken up: its handler threw');
    }
  }

  function put(object: T): void {
    const key = objectKey(object);
    const before = store.get(key);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    const kept = keep(object);
    store.set(key, kept);
    tell(key, kept, before);
  }

  function remove(key: string): void {
    const before = store.get(key);
    if (store.delete(key)) tell(key, undefined, before);
  }

  /** Few objects where they are large, whoever made them so: of five hundred of 1 MB a process would die, and the next one. */
  async function nextPage(from: string | undefined): Promise<List<T>> {
    for (;;) {
      try {
        return await transport.request<List<T>>({
          ...{ path, signal, ...accept(METADATA_LIST) },
          query: { ...query, limit, continue: from },
          ...(limit > 1 && { maxAnswerBytes: PAGE_BYTES }),
        });
      } catch (error) {
        if (limit === 1 || !(error instanceof KubeError) || error.reason !== 'AnswerTooLarge') throw error;
        limit = Math.max(1, Math.floor(limit / 4));
      }
    }
  }

  /** Brings the store to what the server holds now. The read is consistent: an older state than one seen never comes. */
  async function list(): Promise<void> {
    const listed = new Set<string>();
    let page: List<T> | undefined;
    do {
      page = await nextPage(page?.metadata.continue);
      // The items of a list do not say what they are; those of a watch do.
      const type = { apiVersion: page.apiVersion, kind: page.kind?.replace(/List$/, '') };
      for (const object of page.items ?? []) {
        listed.add(objectKey(object));
        put({ ...type, ...object });
      }
    } while (page.metadata.continue);
    for (const key of [...store.keys()]) if (!listed.has(key)) remove(key);
    version = page.metadata.resourceVersion;
    metrics?.listed();
    metrics?.heard(clock.date());
  }

  /** Follows the changes from `version` on until the watch ends; how many there were is counted as they come. */
  async function watch(from: string, counted: { changes: number }): Promise<void> {
    const timeoutSeconds = Math.round(WATCH_SECONDS * (1 + random()));
    const asked = { ...query, resourceVersion: from, allowWatchBookmarks: true, timeoutSeconds };
    for await (const { type, object } of transport.watch<T>({ path, query: asked, signal, ...accept(METADATA) })) {
      if (type === 'DELETED') remove(objectKey(object));
      else if (type !== 'BOOKMARK') put(object);
      if (type !== 'BOOKMARK') counted.changes++;
      version = object.metadata.resourceVersion;
      metrics?.heard(clock.date());
    }
  }

  async function run(onSynced: () => void): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const counted = { changes: 0 };
      let watching: number | undefined;
      let failure: unknown;
      try {
        if (version === undefined) await list();
        onSynced();
        watching = clock.now();
        await watch(version ?? '', counted);
      } catch (error) {
        if (signal.aborted) return;
        failure = error;
      }
      if (watching !== undefined) metrics?.watchEnded(watchEnd(failure));
      if (isExpired(failure)) version = undefined;
      // A change is no comfort when it is followed by 410: that costs a whole list.
      const told = counted.changes > 0 && !isExpired(failure);
      const healthy = told || (watching !== undefined && clock.now() - watching >= HEALTHY_MS);
      failures = healthy ? 0 : failures + 1;
      const pauseMs = pauseAfter(failure, failures, random());
      if (failure !== undefined) report(log, failure, { failures, pauseMs });
      if (pauseMs > 0) await pause(clock, pauseMs, signal);
    }
  }

  let ended: Promise<void> | undefined;
  const synced = new Promise<void>((resolve, reject) => {
    ended = run(resolve).finally(() => reject(signal.reason as Error));
  });
  // Whoever does not wait for it must not be ended by an unhandled rejection at shutdown.
  synced.catch(() => undefined);

  return {
    synced,
    ended: ended ?? Promise.resolve(),
    get: (key) => store.get(key),
    values: () => store.values(),
    get size() {
      return store.size;
    },
  };
}

/** Milliseconds before the next try; none after a watch that has done its work. */
function pauseAfter(failure: unknown, failures: number, random: number): number {
  const error = failure instanceof KubeError ? failure : undefined;
  const backOff = failures === 0 ? 0 : Math.min(RETRY_FIRST_MS * 2 ** (failures - 1), RETRY_MAX_MS);
  // What we may not read today, nobody will let us read within seconds.
  const patient = error?.status === 401 || error?.status === 403 ? RETRY_MAX_MS : backOff;
  const asked = Math.min(error?.retryAfterMs ?? 0, RETRY_MAX_MS);
  return Math.max(patient * (0.5 + random / 2), asked);
}

function report(log: Log, failure: unknown, fields: { failures: number; pauseMs: number }): void {
  const { status, reason } = failure instanceof KubeError ? failure : { status: 0, reason: 'Unknown' };
  if (status === 401 || status === 403) {
    log.error({ ...fields, err: failure }, 'may not list or watch: look at the role of our ServiceAccount');
  } else if (status === 410) {
    log.info({ ...fields, reason }, 'the watch is too old, listing anew');
  } else {
    log.warn({ ...fields, err: failure }, 'list or watch failed, trying again');
  }
}

function watchEnd(failure: unknown): WatchEnd {
  if (failure === undefined) return 'timeout';
  if (isExpired(failure)) return 'expired';
  return failure instanceof KubeError && failure.reason === 'Timeout' ? 'idle' : 'error';
}

function isExpired(failure: unknown): boolean {
  return failure instanceof KubeError && failure.status === 410;
}
