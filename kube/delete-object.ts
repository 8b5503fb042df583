import { isConflict, isNotFound } from './errors.ts';
import { objectPath, type Resource } from './resource.ts';
import type { Fence } from './transport/fence.ts';
import type { Transport } from './transport/transport.ts';

interface Seen {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    /** Given, the object is only deleted in the very state that was seen. */
    readonly resourceVersion?: string;
  };
}

export interface DeleteOptions {
  readonly transport: Transport;
  readonly resource: Resource;
  readonly fence?: Fence;
  readonly signal?: AbortSignal;
}

/**
 * Deletes the very object that was seen, and not one that somebody has made under its name since.
 *
 * @returns whether it was there
 * @throws {KubeError} 409 where there is another by now, or the same in another state
 */
export async function deleteObject({ metadata }: Seen, options: DeleteOptions): Promise<boolean> {
  const { transport, resource, ...rest } = options;
  const { uid, resourceVersion } = metadata;
  const preconditions = { uid, ...(resourceVersion !== undefined && { resourceVersion }) };
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
  try {
    await transport.request({ method: 'DELETE', path: objectPath(resource, metadata), body, ...rest });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Deletes an object as `deleteObject` does, but leaves it alone where there is another by now, or somebody is just writing it. */
export async function deleteUnlessChanged(seen: Seen, options: DeleteOptions): Promise<void> {
  try {
    await deleteObject(seen, options);
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}
