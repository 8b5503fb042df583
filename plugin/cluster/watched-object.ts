import { type Clock, pause } from '../../kube/clock.ts';
import { isNotFound, KubeError } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/object.ts';
import { collectionPath, objectPath, type Resource } from '../../kube/resource.ts';
import { CommandError } from '../command-error.ts';
import type { Cluster } from './cluster.ts';

/** Between two looks, where a watch cannot be had or breaks. */
const LOOK_MS = 1000;

/**
 * An object once it is as wanted. It is watched by its name alone from the state that is given, and looked at again where the
 * watch breaks; who may not watch it looks each second.
 *
 * @returns `undefined` when the signal aborts before
 * @throws {KubeError} where it may neither be watched nor read
 * @throws {CommandError} when it is deleted before
 */
export async function watchedUntil<T extends KubeObject>(
  { transport }: Cluster,
  resource: Resource,
  from: T,
  isWanted: (object: T) => boolean,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T | undefined> {
  const { namespace, name } = from.metadata;
  const gone = () => new CommandError(`${resource.kind.toLowerCase()} ${name} was deleted meanwhile`);
  let seen = from;
  let mayWatch = true;
  while (!signal.aborted && !isWanted(seen)) {
    try {
      const query = { fieldSelector: `metadata.name=${name}`, resourceVersion: seen.metadata.resourceVersion };
      const path = collectionPath(resource, namespace);
      for await (const { type, object } of mayWatch ? transport.watch<T>({ path, query, signal }) : []) {
        if (type === 'DELETED') throw gone();
        if (type !== 'BOOKMARK' && isWanted(object)) return object;
      }
    } catch (error) {
      if (error instanceof CommandError) throw error;
      if (error instanceof KubeError && error.status === 403) mayWatch = false;
    }
    if (signal.aborted) break;
    try {
      seen = await transport.request<T>({ path: objectPath(resource, from.metadata), signal });
    } catch (error) {
      if (isNotFound(error)) throw gone();
      const isRefused = error instanceof KubeError && (error.status === 401 || error.status === 403);
      if (isRefused) throw error;
    }
    if (!isWanted(seen)) await pause(clock, LOOK_MS, signal);
  }
  return isWanted(seen) ? seen : undefined;
}
