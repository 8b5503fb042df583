import { KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/object.ts';
import { type ReflectorOptions, startReflector } from '../kube/reflector.ts';
import { collectionPath, type Resource } from '../kube/resource.ts';

export interface ReadOnUseOptions
  extends Pick<ReflectorOptions<KubeObject>, 'transport' | 'clock' | 'log' | 'signal' | 'metrics' | 'path'> {
  readonly resource: Resource;
}

/**
 * Objects of which few are used: of all of them only the names and versions are kept, and those that are used are read then,
 * once a version. So it costs nothing how many there are, and how large, that somebody creates.
 */
export interface ReadOnUse<T> {
  readonly synced: Promise<void>;
  has(key: string): boolean;
  /**
   * The object as it is now; `undefined` where there is none.
   *
   * @throws {KubeError}
   * @throws {TooLargeToUse}
   */
  read(key: string, signal: AbortSignal): Promise<T | undefined>;
}

export class TooLargeToUse extends Error {
  override readonly name = 'TooLargeToUse';
}

/** Twice what the texts of a template may have, all together. */
const MAX_BYTES = 256 * 1024;
/** Of all that were used. */
const MAX_KEPT_BYTES = 4 * 2 ** 20;
const DEADLINE_MS = 5000;

interface Kept<T> {
  readonly version: string;
  readonly object: T;
  readonly bytes: number;
}

export function startReadOnUse<T extends KubeObject>(options: ReadOnUseOptions): ReadOnUse<T> {
  const { transport, resource } = options;
  const known = startReflector<KubeObject>({
    ...options,
    metadataOnly: true,
    keep: versionOf,
    onChange: (key, object) => {
      if (object === undefined) forget(key);
    },
  });
  /** The one that was used last is the last. */
  const kept = new Map<string, Kept<T>>();
  let keptBytes = 0;

  function forget(key: string): void {
    keptBytes -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  }

  function keep(key: string, each: Kept<T>): void {
    forget(key);
    kept.set(key, each);
    keptBytes += each.bytes;
    for (const [oldest] of kept) {
      if (keptBytes <= MAX_KEPT_BYTES) break;
      forget(oldest);
    }
  }

  return {
    synced: known.synced,
    has: (key) => known.get(key) !== undefined,
    async read(key, signal) {
      const version = known.get(key)?.metadata.resourceVersion;
      if (version === undefined) return undefined;
      const before = kept.get(key);
      if (before?.version === version) {
        keep(key, before);
        return before.object;
      }
      const [namespace = '', name = ''] = key.split('/');
      const text = await readText(namespace, name, signal);
      const [object] = (JSON.parse(text) as { readonly items: readonly T[] }).items;
      if (object === undefined) return undefined;
      const used = usedOf(object);
      keep(key, { version: object.metadata.resourceVersion, object: used, bytes: text.length });
      return used;
    },
  };

  /** By a list of one, which takes no other right than following them does. */
  async function readText(namespace: string, name: string, signal: AbortSignal): Promise<string> {
    const query = { fieldSelector: `metadata.name=${name}` };
    const path = collectionPath(resource, namespace);
    try {
      return await transport.text({ path, query, signal, deadlineMs: DEADLINE_MS, maxAnswerBytes: MAX_BYTES });
    } catch (error) {
      if (!(error instanceof KubeError) || error.reason !== 'AnswerTooLarge') throw error;
      const message = `${resource.kind} ${namespace}/${name} is larger than ${MAX_BYTES / 1024} kB: leave out of it, and of its annotations, what it does not need`;
      throw new TooLargeToUse(message, { cause: error });
    }
  }
}

function versionOf<T extends KubeObject>({ metadata: { namespace, name, uid, resourceVersion } }: T): T {
  return { metadata: { namespace, name, uid, resourceVersion } } as T;
}

function usedOf<T extends KubeObject>(object: T): T {
  const { spec } = object as T & { readonly spec?: unknown };
  return { ...versionOf(object), spec };
}
