import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanarySpec } from '../../api/generated/canary.ts';
import { unsupportedParts } from './unsupported.ts';

const partsOf = (analysis: object, spec: object = {}) => {
  const whole = { ...spec, analysis: { interval: '10s', threshold: 1, stepWeight: 10, ...analysis } };
  return [...unsupportedParts(whole as unknown as CanarySpec)].map(({ message }) => message.split(':')[0]);
};

describe('unsupportedParts()', () => {
  it('are none of a canary with checks and hooks over HTTP, whichever way it goes', () => {
    const webhooks = [
      { name: 'a', type: 'pre-rollout', url: 'http://a.test' },
      { name: 'b', type: 'confirm-promotion', url: 'http://b.test' },
    ];
    assert.deepEqual(partsOf({ metrics: [{ name: 'request-success-rate' }], webhooks, match: [], alerts: [{}] }), []);
    assert.deepEqual(partsOf({ iterations: 5, mirror: true, match: [{}], sessionAffinity: {} }), []);
  });

  it('are told each by its field, and hold releases only', () => {
    assert.deepEqual(partsOf({}, { autoscalerRef: { kind: 'ScaledObject' }, revertOnDeletion: true }), [
      'spec.autoscalerRef',
    ]);
    const scaled = { targetRef: {}, autoscalerRef: { kind: 'HorizontalPodAutoscaler' } };
    assert.deepEqual(partsOf({}, scaled), []);
    const sized = { ...scaled, autoscalerRef: { ...scaled.autoscalerRef, canaryScalerReplicas: { minReplicas: 1 } } };
    assert.deepEqual(partsOf({}, sized), ['spec.autoscalerRef.canaryScalerReplicas']);
    const [part] = unsupportedParts({ autoscalerRef: { kind: 'ScaledObject' }, analysis: {} } as unknown as CanarySpec);
    assert.deepEqual([part?.reason, part?.holds], ['NotSupported', 'releases']);
  });

  it('are none of gates that wait for a person', () => {
    assert.deepEqual(partsOf({ webhooks: [{ name: 'ask', type: 'confirm-rollout' }] }), []);
  });
});
