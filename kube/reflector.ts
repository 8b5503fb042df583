import { setTimeout as sleep } from 'node:timers/promises';
import { KubeError } from './errors.ts';
import { type KubeObject, objectKey } from './object.ts';
import type { Query, Transport } from './transport.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly transport: Transport;
  /** A collection: `/api/v1/pods`, `/apis/apps/v1/namespaces/default/deployments`. */
  readonly path: string;
  /** Selectors. */
  readonly query?: Query;
  readonly signal: AbortSignal;
  /**
   * Called for each object of the first list, then for each change, in the order in which the server tells them;
   * `undefined` means that the object is gone. An object that was deleted and made anew while we were not watching comes
   * as one change with another uid. Must not throw.
   */
  readonly onChange: (key: string, object: T | undefined) => void;
  readonly log: (message: string, error?: unknown) => void;
}

/** A copy of a collection that follows the API server. */
export interface Reflector<T extends KubeObject> {
  /** Resolves after the first full list; rejects only when the signal aborts before that. */
  readonly synced: Promise<void>;
  get(key: string): T | undefined;
  values(): Iterable<T>;
}

interface List<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
}

const PAGE = 500;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 30_000;
/** The server is asked to end each watch after this long, so that one that died unseen is not waited on for ever. */
const WATCH_SECONDS = 300;

/**
 * Lists, then watches from there, for as long as the signal lives: a watch that ends is taken up where it stopped, one
 * that is too old (410) is listed anew, and any other failure is retried with growing pauses. It never gives up.
 */
export function startReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector<T> {
  const { transport, path, query, signal, onChange, log } = options;
  const store = new Map<string, T>();
  let failures = 0;

  function put(object: T): void {
    const key = objectKey(object);
    if (store.get(key)?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    store.set(key, object);
    onChange(key, object);
  }

  function remove(key: string): void {
    if (store.delete(key)) onChange(key, undefined);
  }

  /** Brings the store to what the server holds now; the resourceVersion to watch from. */
  async function list(): Promise<string> {
    const listed = new Set<string>();
    let page: List<T> | undefined;
    do {
      const next = page?.metadata.continue;
      page = await transport.request<List<T>>({ path, query: { ...query, limit: PAGE, continue: next }, signal });
      for (const object of page.items) {
        listed.add(objectKey(object));
        put(object);
      }
    } while (page.metadata.continue);
    for (const key of [...store.keys()]) if (!listed.has(key)) remove(key);
    return page.metadata.resourceVersion;
  }

  /** Follows the changes until the watch ends; the resourceVersion to go on from. */
  async function* watch(from: string): AsyncGenerator<string> {
    const asked = { ...query, resourceVersion: from, allowWatchBookmarks: true, timeoutSeconds: WATCH_SECONDS };
    for await (const { type, object } of transport.watch<T>({ path, query: asked, signal })) {
      if (type === 'DELETED') remove(objectKey(object));
      else if (type !== 'BOOKMARK') put(object);
      failures = 0;
      yield object.metadata.resourceVersion;
    }
  }

  async function run(onSynced: () => void): Promise<void> {
    let version: string | undefined;
    while (!signal.aborted) {
      try {
        if (version === undefined) {
          version = await list();
          onSynced();
        }
        const from: string = version;
        for await (const seen of watch(version)) version = seen;
        // A server that closes each watch at once would otherwise be asked as fast as it answers.
        if (version === from) await pause(undefined);
      } catch (error) {
        if (signal.aborted) return;
        const expired = error instanceof KubeError && error.status === 410;
        if (expired) version = undefined;
        log(
          expired ? `${path}: the watch is too old, listing again` : `${path}: list or watch failed, trying again`,
          error,
        );
        await pause(error);
      }
    }
  }

  function pause(error: unknown): Promise<void> {
    const backOff = Math.min(RETRY_FIRST_MS * 2 ** failures++, RETRY_MAX_MS) * (0.5 + Math.random() / 2);
    const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
    return sleep(Math.max(backOff, asked), undefined, { signal }).catch(() => undefined);
  }

  const synced = new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    void run(resolve);
  });
  // Whoever does not wait for it must not be ended by an unhandled rejection at shutdown.
  synced.catch(() => undefined);

  return { synced, get: (key) => store.get(key), values: () => store.values() };
}
