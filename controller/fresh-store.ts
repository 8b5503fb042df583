import { type KubeObject, objectKey } from '../kube/object.ts';
import { type Reflector, type ReflectorOptions, startReflector } from '../kube/reflector.ts';

/** A copy of a collection that is never behind our own writes, though it may be behind those of others. */
export interface FreshStore<T extends KubeObject> {
  /** As of `Reflector`. */
  readonly synced: Promise<void>;
  get(key: string): T | undefined;
  values(): Iterable<T>;
  /** What the API server answered a write with: it counts until the watch has told of it, or of something later. */
  wrote(object: T): void;
}

/** Deletions that are remembered: many more than there are writes under way at a time. */
const MAX_DELETIONS = 1000;

/** Starts a reflector and lays what we write over it. Without that, each write would be decided on again until it is told. */
export function startFreshStore<T extends KubeObject>(options: ReflectorOptions<T>): FreshStore<T> {
  const { keep = (object: T) => object, onChange } = options;
  const written = new Map<string, T>();
  /** The last states of objects that are gone, the oldest first: the answer to a write may come after the word that they are. */
  const deleted = new Map<string, T>();
  const reflector: Reflector<T> = startReflector<T>({
    ...options,
    onChange(key, object, before) {
      const ours = written.get(key);
      if (ours !== undefined && (object === undefined || !isOlder(object, ours))) written.delete(key);
      deleted.delete(key);
      if (object === undefined && before !== undefined) {
        deleted.set(key, before);
        const [oldest] = deleted.keys();
        if (deleted.size > MAX_DELETIONS && oldest !== undefined) deleted.delete(oldest);
      }
      onChange(key, object, before);
    },
  });
  return {
    synced: reflector.synced,
    get: (key) => written.get(key) ?? reflector.get(key),
    values: () => reflector.values(),
    wrote(object) {
      const key = objectKey(object);
      const told = reflector.get(key) ?? deleted.get(key);
      if (told !== undefined && !isOlder(told, object)) return;
      written.set(key, keep(object));
    },
  };
}

/**
 * Whether one is an earlier state than the other. Kubernetes calls versions of one resource comparable as numbers since 1.35,
 * and all API servers on etcd have always had them so; where they are not numbers, what was told counts.
 */
function isOlder(one: KubeObject, other: KubeObject): boolean {
  const [left, right] = [one, other].map(({ metadata }) => metadata.resourceVersion);
  if (left === undefined || right === undefined || !/^\d+$/.test(left) || !/^\d+$/.test(right)) return false;
  return BigInt(left) < BigInt(right);
}
