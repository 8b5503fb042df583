import { CANARIES } from '../../api/resources.ts';
import { objectPath } from '../../kube/resource.ts';
import type { Cluster } from './cluster.ts';
import { type ReadCanary, readCanaries } from './read-canaries.ts';

/** A canary that something is to be done with. */
export interface ChosenCanary {
  readonly canary: ReadCanary;
  /** By its name; else a selector fits it, or it is one of all. */
  readonly isNamed: boolean;
}

/**
 * The canaries that are named, each once and with its own failure, or all of the namespace that the selector fits.
 *
 * @throws {KubeError} where they cannot be listed
 */
export async function chosenCanaries(
  cluster: Cluster,
  { names, selector }: { readonly names: readonly string[]; readonly selector?: string | undefined },
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly read: Promise<ReadCanary> }[]> {
  if (names.length === 0) {
    const { items } = await readCanaries(cluster, { names, selector }, signal);
    return items.map((canary) => ({ name: canary.metadata.name, read: Promise.resolve(canary) }));
  }
  const { transport, namespace } = cluster;
  return [...new Set(names)].map((name) => {
    // Within, as a name that no object can have throws.
    const read = async () => transport.request<ReadCanary>({ path: objectPath(CANARIES, { namespace, name }), signal });
    return { name, read: read() };
  });
}
