import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PromotedScaler } from '../../api/generated/canary.ts';
import { type AutoscalerOf, primaryAutoscaler } from './autoscaler.ts';
import { testRelease } from './test-release.ts';

const metrics = [{ type: 'Resource', resource: { name: 'cpu' } }];
const behavior = { scaleDown: { stabilizationWindowSeconds: 30 } };
const scaler: PromotedScaler = {
  ...{ name: 'podinfo', minReplicas: 2, maxReplicas: 4, scaleDownSeconds: 30 },
  rules: JSON.stringify({ metrics, behavior }),
};
const autoscalerRef = { apiVersion: 'autoscaling/v2beta2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' } as const;

function made(change: Partial<AutoscalerOf> = {}, ref: object = {}) {
  const { canary, options } = testRelease();
  const spec = { ...canary.spec, autoscalerRef: { ...autoscalerRef, ...ref } };
  const of = { namespace: 'test', primary: 'podinfo-primary', spec, status: {}, metadata: {}, options };
  return primaryAutoscaler(scaler, { ...of, ...change });
}

const limits = ({ spec: { minReplicas, maxReplicas } }: ReturnType<typeof made>) => [minReplicas, maxReplicas];

describe('the primary’s autoscaler', () => {
  it('is the target’s, for the primary', () => {
    assert.deepEqual(made(), {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'podinfo-primary', namespace: 'test', labels: {}, annotations: {} },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo-primary' },
        ...{ minReplicas: 2, maxReplicas: 4, metrics, behavior },
      },
    });
  });

  it('has the limits that the canary says instead, each for itself', () => {
    assert.deepEqual(limits(made({}, { primaryScalerReplicas: { minReplicas: 3, maxReplicas: 9 } })), [3, 9]);
    assert.deepEqual(limits(made({}, { primaryScalerReplicas: { maxReplicas: 9 } })), [2, 9]);
    // Which the API server would refuse as they stand.
    assert.deepEqual(limits(made({}, { primaryScalerReplicas: { minReplicas: 8 } })), [8, 8]);
  });

  it('leaves no fewer pods than the traffic that comes back has to meet, whatever its limits', () => {
    assert.deepEqual(limits(made({ status: { primaryReplicas: 3 } })), [3, 4]);
    assert.deepEqual(limits(made({ status: { primaryReplicas: 6 } })), [6, 6]);
    assert.deepEqual(limits(made({ status: { primaryReplicas: 1 } })), [2, 4]);
  });

  it('has of the target’s labels and annotations those that generated objects get', () => {
    const metadata = {
      labels: { team: 'a', 'toolkit.fluxcd.io/name': 'x' },
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', cost: '1', mine: '2' },
    };
    const { canary, options } = testRelease({ service: { unmanagedMetadata: { annotations: ['mine'] } } });
    const spec = { ...canary.spec, autoscalerRef };
    const all = { ...options, includeLabelPrefixes: ['*'] };
    const { labels, annotations } = made({ metadata, spec, options: all }).metadata;
    assert.deepEqual([labels, annotations], [{ team: 'a' }, { cost: '1' }]);
    assert.deepEqual(made({ metadata }).metadata.labels, {});
  });
});
