import type { Kind } from '../../../api/generated/schemas.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import type { Manifest } from '../../crd/manifest.ts';

const PLURALS: Readonly<Record<Kind, string>> = {
  AlertProvider: 'alertproviders',
  Canary: 'canaries',
  CanaryAction: 'canaryactions',
  MetricTemplate: 'metrictemplates',
};

/** What the API server would make of a manifest, as strict as kubectl asks it to be. Throws a KubeError when it refuses. */
export function dryRun(transport: Transport, namespace: string, manifest: Manifest): Promise<Manifest> {
  return transport.request<Manifest>({
    method: 'POST',
    path: `/apis/${manifest.apiVersion}/namespaces/${namespace}/${PLURALS[manifest.kind]}`,
    query: { dryRun: 'All', fieldValidation: 'Strict' },
    body: { ...manifest, metadata: { ...manifest.metadata, namespace } },
  });
}
