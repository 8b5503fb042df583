import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { spreadAs } from './pod-spreading.ts';

const relabel = (label: string, value: string) => (label === 'app' && value === 'podinfo' ? 'podinfo-primary' : value);

/** A pod spec with the value in every place that is rewritten, and fields that this program does not know beside each. */
function spread(value: string) {
  const term = {
    labelSelector: {
      matchLabels: { app: value, tier: 'podinfo' },
      matchExpressions: [
        { key: 'app', operator: 'In', values: [value, 'other'] },
        { key: 'app', operator: 'Exists' },
        { key: 'tier', operator: 'NotIn', values: ['podinfo'] },
      ],
      later: 1,
    },
    topologyKey: 'kubernetes.io/hostname',
  };
  return {
    containers: [{ name: 'podinfo', later: 1 }],
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [term, { topologyKey: 'zone' }],
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term, later: 1 }],
        later: [1],
      },
      // Near whom pods want to be is not about their own kind.
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: 'podinfo' } } }],
      },
    },
    topologySpreadConstraints: [
      { ...term, maxSkew: 1, matchLabelKeys: ['pod-template-hash'] },
      { labelSelector: { matchLabels: { app: 'cache' } } },
    ],
    later: { kept: true },
  };
}

describe('spreadAs()', () => {
  it('rewrites what keeps pods apart, and nothing else', () => {
    assert.deepEqual(spreadAs(spread('podinfo'), relabel), spread('podinfo-primary'));
  });

  it('adds nothing to a spec that has no such rules', () => {
    for (const spec of [{}, { affinity: { nodeAffinity: {} } }, { affinity: null, topologySpreadConstraints: null }]) {
      assert.deepEqual(spreadAs(spec, relabel), spec);
    }
  });
});
