import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AutoscalerRecord, autoscalerRecord, promotedScaler } from './autoscaler-record.ts';

const metrics = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 99 } } },
];
const metadata = { name: 'podinfo', namespace: 'test', uid: 'u', resourceVersion: '7' };
const record = (spec: object): AutoscalerRecord => ({ metadata, spec: { maxReplicas: 4, ...spec } });

describe('autoscalerRecord()', () => {
  it('keeps no status, no manifest of kubectl’s, and all of the spec', () => {
    const spec = { minReplicas: 2, maxReplicas: 4, metrics, later: { field: true } };
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', team: 'a' };
    const whole = { ...record(spec), metadata: { ...metadata, annotations }, status: { currentReplicas: 2 } };
    assert.deepEqual(autoscalerRecord(whole), { metadata: { ...metadata, annotations: { team: 'a' } }, spec });
  });
});

describe('promotedScaler()', () => {
  it('has the limits, the metrics and the behavior, and not what it scales', () => {
    const behavior = { scaleDown: { stabilizationWindowSeconds: 30 } };
    const scaleTargetRef = { kind: 'Deployment', name: 'podinfo' };
    assert.deepEqual(promotedScaler(record({ minReplicas: 2, metrics, behavior, scaleTargetRef })), {
      ...{ name: 'podinfo', minReplicas: 2, maxReplicas: 4, scaleDownSeconds: 30 },
      rules: JSON.stringify({ metrics, behavior }),
    });
  });

  it('takes what an autoscaler does not say to be as Kubernetes takes it', () => {
    const { minReplicas, scaleDownSeconds, rules } = promotedScaler(record({})) ?? {};
    assert.deepEqual([minReplicas, scaleDownSeconds, rules], [1, 300, '{}']);
  });

  it('is none of one that the status has no room for', () => {
    assert.equal(promotedScaler(record({ metrics: [{ name: 'x'.repeat(70_000) }] })), undefined);
  });
});
