import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { V1Node } from '@kubernetes/client-node';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, kubectlFails, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';

describe('the control plane', () => {
  const namespace = testNamespace('control-plane');

  it('has a node that is ready and takes pods', async () => {
    const { items } = await kubectlJson<{ items: V1Node[] }>('get', 'nodes');
    const ready = items.filter((node) =>
      node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
    );
    assert.ok(ready.length > 0, 'no node is ready');
    assert.ok(
      ready.some((node) => (node.spec?.taints ?? []).length === 0),
      'every node is tainted',
    );
  });

  it('is Kubernetes 1.36', { skip: sandboxOnly('its version is its owner’s choice') }, async () => {
    const { serverVersion, clientVersion } = await kubectlJson<Record<string, { gitVersion: string }>>('version');
    assert.equal(serverVersion?.gitVersion, 'v1.36.3');
    assert.equal(clientVersion?.gitVersion, 'v1.36.3');
  });

  it('is verified by its clients', { skip: sandboxOnly('its kubeconfig is its owner’s') }, () => {
    const kubeconfig = readFileSync(process.env['KUBECONFIG'] ?? '', 'utf8');
    assert.match(kubeconfig, /certificate-authority-data/);
    assert.doesNotMatch(kubeconfig, /insecure/);
  });

  it('keeps a ServiceAccount without a role out, and lets one with a role in', async () => {
    const as = `--as=system:serviceaccount:${namespace}:default`;
    assert.match(await kubectlFails('-n', namespace, 'get', 'secrets', as), /forbidden/);
    await kubectl('-n', namespace, 'create', 'role', 'reader', '--verb=list', '--resource=secrets');
    const subject = `--serviceaccount=${namespace}:default`;
    await kubectl('-n', namespace, 'create', 'rolebinding', 'reader', '--role=reader', subject);
    await eventually(() => kubectl('-n', namespace, 'get', 'secrets', as));
  });

  it('accepts a HorizontalPodAutoscaler', async () => {
    await apply({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'podinfo', namespace },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
        minReplicas: 2,
        maxReplicas: 4,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 99 } } },
        ],
      },
    });
    assert.match(await kubectl('-n', namespace, 'get', 'hpa', 'podinfo'), /Deployment\/podinfo/);
  });
});
