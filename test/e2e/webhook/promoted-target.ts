import assert from 'node:assert/strict';
import { revisionOf } from '../../../api/revision.ts';
import type { KubeRequest, Transport } from '../../../kube/transport/transport.ts';
import { canary, type Patch } from '../../crd/manifest.ts';
import { eventually } from '../eventually.ts';
import { scaleDeployment } from '../scale.ts';

export interface Target {
  readonly metadata: {
    readonly generation: number;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly replicas: number; readonly template: object };
}

export const PRIMARY_REPLICAS = 3;

/** As a GitOps tool has it: it names no replicas. The mirrored name of the ServiceAccount is part of the revision too. */
export function targetManifest(namespace: string, name: string, image: string): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { serviceAccountName: 'default', containers: [{ name: 'nothing', image, resources: {} }] },
      },
    },
  };
}

/** Targets in the state that the controller leaves them in after a promotion; it does not run in these tests. */
export function promotedTargets(server: Transport, namespace: string) {
  const deployment = (name: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  const canaries = `/apis/flagger.app/v1beta1/namespaces/${namespace}/canaries`;
  const apply = { method: 'PATCH', contentType: 'application/apply-patch+yaml' } as const;
  const merge = { method: 'PATCH', contentType: 'application/merge-patch+json' } as const;
  const get = (name: string) => server.request<Target>({ path: deployment(name) });

  /** A change of the image, as `kubectl set image` sends it. */
  const setImage = (name: string, image: string, query: KubeRequest['query'] = {}) =>
    server.request<Target>({
      ...{ method: 'PATCH', contentType: 'application/strategic-merge-patch+json', path: deployment(name), query },
      body: { spec: { template: { spec: { containers: [{ name: 'nothing', image }] } } } },
    });

  /** What the target has now is promoted, and without pods; returns when the webhook knows. */
  async function promote(name: string, replicas = PRIMARY_REPLICAS): Promise<void> {
    const scaled = { path: deployment(name), query: { fieldManager: 'canary-controller' } };
    const { spec } = await server.request<Target>({ ...merge, ...scaled, body: { spec: { replicas: 0 } } });
    const status = { phase: 'Succeeded', lastPromotedSpec: revisionOf(spec.template) };
    await server.request({ ...merge, path: `${canaries}/${name}/status`, body: { status } });
    await eventually(async () => {
      const asked = await setImage(name, `scale.test/${Math.random()}`, { dryRun: 'All' });
      assert.notEqual(asked.metadata.annotations?.['flagger.app/revision'], undefined);
      assert.equal(asked.spec.replicas, replicas);
    });
  }

  async function make(name: string, spec: Patch = {}, replicas = PRIMARY_REPLICAS): Promise<void> {
    const body = targetManifest(namespace, name, 'scale.test/nothing');
    await server.request({ ...apply, path: deployment(name), query: { fieldManager: 'gitops' }, body });
    const primary = scaleDeployment(namespace, `${name}-primary`, PRIMARY_REPLICAS);
    const collection = deployment('').replace(/\/$/, '');
    await server.request({ method: 'POST', path: collection, body: primary });
    const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name };
    const release = { ...canary({ targetRef, ...spec }), metadata: { name, namespace } };
    await server.request({ method: 'POST', path: canaries, body: release });
    await promote(name, replicas);
  }

  return { get, setImage, promote, make };
}
