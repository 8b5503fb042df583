import type { KubeObject } from '../../../kube/object.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { retry } from './retry.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

const FIELD_MANAGER = 'sandbox';
/** A fresh namespace has no default ServiceAccount yet, and a fresh definition no endpoint: both come within a moment. */
const SOON = { everyMs: 200, withinMs: 20_000 };

/** Server-side apply of whole files' worth of objects; kinds are looked up in the server's own discovery, once each. */
export function createApplier(
  transport: Transport,
  signal: AbortSignal,
): (manifests: readonly Manifest[]) => Promise<void> {
  const discovered = new Map<string, Promise<ResourceList>>();

  function resourcesOf(apiVersion: string): Promise<ResourceList> {
    let list = discovered.get(apiVersion);
    if (list === undefined) {
      list = transport.request<ResourceList>({ path: groupPath(apiVersion), signal });
      // A kind whose definition is still being taken up is asked for again.
      list.catch(() => discovered.delete(apiVersion));
      discovered.set(apiVersion, list);
    }
    return list;
  }

  async function applyOne(manifest: Manifest): Promise<void> {
    const { apiVersion, kind, metadata } = manifest;
    const { resources } = await resourcesOf(apiVersion);
    const resource = resources.find((candidate) => candidate.kind === kind && !candidate.name.includes('/'));
    if (resource === undefined) {
      discovered.delete(apiVersion);
      throw new Error(`${apiVersion} has no kind ${kind}`);
    }
    const namespace = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : '';
    await transport.request<KubeObject>({
      method: 'PATCH',
      path: `${groupPath(apiVersion)}${namespace}/${resource.name}/${encodeURIComponent(metadata.name)}`,
      query: { fieldManager: FIELD_MANAGER, force: true },
      contentType: 'application/apply-patch+yaml',
      body: manifest,
      signal,
    });
  }

  return async (manifests) => {
    for (const stage of stages(manifests)) {
      await Promise.all(stage.map((manifest) => retry(() => applyOne(manifest), { ...SOON, signal })));
    }
  };
}

/** Namespaces, definitions and roles; then what stands in them or is made of them; then the programs that need it all. */
function stages(manifests: readonly Manifest[]): Manifest[][] {
  const stageOf = ({ kind }: Manifest) => (FIRST_KINDS.has(kind) ? 0 : kind === 'Deployment' ? 2 : 1);
  return [0, 1, 2].map((stage) => manifests.filter((manifest) => stageOf(manifest) === stage));
}

const FIRST_KINDS: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition', 'ClusterRole']);

function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
