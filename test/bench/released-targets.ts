import type { Canary } from '../../api/generated/canary.ts';
import { REVISION_ANNOTATION } from '../../api/keys.ts';
import { CANARIES, DEPLOYMENTS } from '../../api/resources.ts';
import type { KubeObject } from '../../kube/object.ts';
import { collectionPath, objectPath } from '../../kube/resource.ts';
import type { Query, Transport } from '../../kube/transport/transport.ts';
import { canaryOf } from '../e2e/controller/release.ts';
import { forEach } from '../e2e/for-each.ts';
import { scaleDeployment } from '../e2e/scale.ts';
import { AT_A_TIME } from './fresh-namespace.ts';

/** Of the references: two steps of ten seconds without checks. */
const ANALYSIS = { interval: '10s', threshold: 2, stepWeight: 25, maxWeight: 50 };
/** Of a canary that is one of the first hundred. */
export const AMONG_HUNDRED = 'bench=hundred';

export type ReleasedCanary = Canary & KubeObject;

interface Target {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly replicas: number };
}

export const namesOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `app-${index}`);

/** Deployments of one pod each, without a process. */
export function createTargets(server: Transport, namespace: string, names: readonly string[]): Promise<void> {
  return forEach(names, AT_A_TIME, (name) =>
    server.request({
      method: 'POST',
      path: collectionPath(DEPLOYMENTS, namespace),
      body: scaleDeployment(namespace, name, 1),
    }),
  );
}

/** A canary on Contour for each of them. */
export function createCanaries(server: Transport, namespace: string, names: readonly string[]): Promise<void> {
  const [key = '', value = ''] = AMONG_HUNDRED.split('=');
  return forEach(names.entries(), AT_A_TIME, ([index, name]) => {
    const manifest = canaryOf(namespace, { provider: 'contour', analysis: ANALYSIS }, name) as { metadata: object };
    const metadata = { ...manifest.metadata, ...(index < 100 && { labels: { [key]: value } }) };
    return server.request({
      method: 'POST',
      path: collectionPath(CANARIES, namespace),
      body: { ...manifest, metadata },
    });
  });
}

/** As `kubectl set image` sends it; the revision that the webhook has stamped, and how many pods it gave. */
export async function setImage(
  server: Transport,
  namespace: string,
  name: string,
  image: string,
  query: Query = {},
): Promise<{ readonly revision: string | undefined; readonly replicas: number }> {
  const { metadata, spec } = await server.request<Target>({
    ...{ method: 'PATCH', contentType: 'application/strategic-merge-patch+json', query },
    path: objectPath(DEPLOYMENTS, { namespace, name }),
    body: { spec: { template: { spec: { containers: [{ name: 'nothing', image }] } } } },
  });
  return { revision: metadata.annotations?.[REVISION_ANNOTATION], replicas: spec.replicas };
}
