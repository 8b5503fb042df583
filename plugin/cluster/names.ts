import type { Canary } from '../../api/generated/canary.ts';
import { CANARIES } from '../../api/resources.ts';
import { collectionPath, type Resource } from '../../kube/resource.ts';
import type { Cluster } from './cluster.ts';

interface List<T> {
  readonly items: readonly T[];
}

/** More than anybody looks through. */
const MOST = 500;
const NAMES_ALONE = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';

/** The names of objects, of the namespace where the kind has such. */
export async function namesOf(
  { transport, namespace }: Cluster,
  resource: Resource,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = collectionPath(resource, namespace);
  const query = { limit: MOST, resourceVersion: 0 };
  const list = await transport.request<List<{ readonly metadata: { readonly name: string } }>>({
    ...{ path, query, signal, accept: NAMES_ALONE },
  });
  return list.items.map(({ metadata }) => metadata.name);
}

/**
 * The gates that persons open, which are those without a URL.
 *
 * @param names of canaries; of all of the namespace, where none of the names is one
 */
export async function gatesOf(
  { transport, namespace }: Cluster,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const query = { limit: MOST, resourceVersion: 0 };
  const { items } = await transport.request<List<Canary>>({ path: collectionPath(CANARIES, namespace), query, signal });
  const named = items.filter(({ metadata }) => names.includes(metadata.name ?? ''));
  return (named.length > 0 ? named : items)
    .flatMap(({ spec }) => spec.analysis?.webhooks ?? [])
    .filter(({ type, url }) => (type ?? '').startsWith('confirm-') && (url ?? '') === '')
    .map(({ name }) => name);
}
