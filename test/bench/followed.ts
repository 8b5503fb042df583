import type { KubeObject } from '../../kube/object.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import { follow } from '../e2e/controller/release.ts';

/** The objects of a collection, as a watch tells of them. */
export interface Followed<T> {
  get(name: string): T | undefined;
  /**
   * Resolves when each of them has been as wanted once, from now on or now already, with the time by `performance.now`. Each is
   * looked at when it changes, so that a state that soon passes counts as well.
   */
  untilAll(names: Iterable<string>, what: string, isWanted: (object: T) => boolean): Promise<number>;
  /** Calls this with each change from now on, until what it gives is called. */
  onChange(look: (name: string, object: T) => void): () => void;
  close(): Promise<void>;
}

const WITHIN_MS = 20 * 60_000;

export function followed<T extends KubeObject>(server: Transport, path: string): Followed<T> {
  const over = new AbortController();
  const objects = new Map<string, T>();
  const waiting = new Set<(name: string, object: T) => void>();
  const following = follow<T>(server, path, over.signal, (object) => {
    objects.set(object.metadata.name, object);
    for (const look of waiting) look(object.metadata.name, object);
  });
  // Whoever waits is told of it; a rejection that nobody has looked at yet must not end the program.
  following.catch(() => undefined);

  return {
    get: (name) => objects.get(name),
    untilAll: (names, what, isWanted) =>
      new Promise<number>((resolve, reject) => {
        const missing = new Set(names);
        const end = (settle: () => void): void => {
          clearTimeout(late);
          waiting.delete(look);
          settle();
        };
        const look = (name: string, object: T): void => {
          if (!missing.has(name) || !isWanted(object)) return;
          missing.delete(name);
          if (missing.size === 0) end(() => resolve(performance.now()));
        };
        const late = setTimeout(() => {
          const [first = ''] = missing;
          const state = JSON.stringify(objects.get(first));
          end(() => reject(new Error(`${missing.size} are not ${what}; ${first} is ${state}`)));
        }, WITHIN_MS);
        following.catch((error: Error) => end(() => reject(error)));
        waiting.add(look);
        for (const [name, object] of objects) look(name, object);
      }),
    onChange(look) {
      waiting.add(look);
      return () => waiting.delete(look);
    },
    async close() {
      over.abort();
      await following;
    },
  };
}
