import { mergePatch } from './merge-patch.ts';
import type { KubeObject } from './object.ts';
import { objectPath, type Resource } from './resource.ts';
import type { Fence } from './transport/fence.ts';
import type { Transport } from './transport/transport.ts';

/** What every write has in common. */
export interface WriteOptions {
  readonly transport: Transport;
  readonly resource: Resource;
  /** Who the API server records as the owner of the fields that are written. */
  readonly fieldManager: string;
  readonly fence?: Fence;
  readonly signal?: AbortSignal;
}

/** What is to be there: only the fields that we own. */
export interface Manifest {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    /** The write is refused with a 409 unless the object is still at this version. */
    readonly resourceVersion?: string;
    /** And unless it is still this object, not one made anew under its name. */
    readonly uid?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/**
 * Server-side apply: creates the object, or makes these fields ours and as they are here. Fields that we applied before and
 * that are no longer here are removed, unless another owns them too. Applying the same again changes nothing.
 *
 * @param options.force takes fields over from other managers @default true, as a controller has to hold what it generates
 * @throws {KubeError} 409 when the resourceVersion is not that of the object, or without force when another owns a field
 */
export function applyObject<T extends KubeObject>(
  manifest: Manifest,
  options: WriteOptions & { readonly force?: boolean },
): Promise<T> {
  const { transport, resource, fieldManager, force = true, ...rest } = options;
  return transport.request<T>({
    method: 'PATCH',
    path: objectPath(resource, manifest.metadata),
    query: { fieldManager, force },
    contentType: 'application/apply-patch+yaml',
    body: { ...manifest, apiVersion: resource.apiVersion, kind: resource.kind },
    ...rest,
  });
}

/**
 * Brings the status of an object to `status`, from the one that it was decided on. Sends nothing when they are equal.
 *
 * @returns the object as it is now
 * @throws {KubeError} 409 when anyone has written the object since it was read: what was decided on is no longer so
 */
export async function patchStatus<T extends KubeObject & { readonly status?: unknown }>(
  object: T,
  status: T['status'],
  { transport, resource, fieldManager, ...rest }: WriteOptions,
): Promise<T> {
  const change = mergePatch(object.status, status);
  if (change === undefined) return object;
  const { uid, resourceVersion } = object.metadata;
  return transport.request<T>({
    method: 'PATCH',
    path: objectPath(resource, object.metadata, 'status'),
    query: { fieldManager },
    contentType: 'application/merge-patch+json',
    body: { metadata: { uid, resourceVersion }, status: change },
    ...rest,
  });
}
