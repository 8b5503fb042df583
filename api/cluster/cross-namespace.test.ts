import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../generated/canary.ts';
import type { Cluster } from './cluster.ts';
import { staysInItsNamespace } from './cross-namespace.ts';

const cluster = { canaries: [], templates: [], missing: [], scrapeIntervalMs: 0, defaultProvider: 'istio' } as const;
const canary = {
  metadata: { name: 'podinfo', namespace: 'shop' },
  spec: {
    upstreamRef: { apiVersion: 'gloo.solo.io/v1', kind: 'Upstream', name: 'up', namespace: 'gloo' },
    analysis: {
      metrics: [
        { name: 'built-in' },
        { name: 'own', templateRef: { name: 'a' } },
        { name: 'empty', templateRef: { name: 'a', namespace: '' } },
        { name: 'same', templateRef: { name: 'a', namespace: 'shop' } },
        { name: 'other', templateRef: { name: 'latency', namespace: 'observability' } },
      ],
      alerts: [{ name: 'chat', providerRef: { name: 'slack', namespace: 'flagger' } }],
    },
  },
} as unknown as Canary;
const pathsOf = (more: Partial<Cluster>) => [...staysInItsNamespace(canary, { ...cluster, ...more })];

describe('references to other namespaces', () => {
  it('are let through unless the installation forbids them', () => {
    assert.deepEqual(pathsOf({}), []);
    assert.deepEqual(pathsOf({ crossNamespaceRefs: true }), []);
  });

  it('are found wherever a canary names an object, and an empty namespace is its own', () => {
    assert.deepEqual(
      pathsOf({ crossNamespaceRefs: false }).map(({ path }) => path),
      ['spec.upstreamRef', 'spec.analysis.metrics[4].templateRef', 'spec.analysis.alerts[0].providerRef'],
    );
    assert.equal(
      pathsOf({ crossNamespaceRefs: false })[1]?.message,
      "MetricTemplate observability/latency is of another namespace, which --no-cross-namespace-refs forbids: use one of the canary's own",
    );
  });
});
