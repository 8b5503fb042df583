import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PromotedScaler } from '../../api/generated/canary.ts';
import { canarySize } from './canary-size.ts';

const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' } as const;
const scaler = (minReplicas: number): PromotedScaler => ({
  ...{ name: 'podinfo', minReplicas, maxReplicas: 8, rules: '{}', scaleDownSeconds: 300 },
});

describe('canarySize()', () => {
  it('is the primary’s where nobody says otherwise', () => {
    assert.equal(canarySize({}, {}, 7), 7);
    assert.equal(canarySize({}, {}, 0), 1);
  });

  it('is the fewest that an autoscaler leaves, and one at least', () => {
    assert.equal(canarySize({ autoscalerRef }, { scaler: scaler(2) }, 7), 2);
    assert.equal(canarySize({ autoscalerRef }, { scaler: scaler(0) }, 7), 1);
    assert.equal(canarySize({ autoscalerRef }, {}, 7), 7);
    assert.equal(canarySize({}, { scaler: scaler(2) }, 7), 7);
  });

  it('is what the canary says, with an autoscaler or without', () => {
    assert.equal(canarySize({ autoscalerRef, canaryReplicas: 3 }, { scaler: scaler(2) }, 7), 3);
    assert.equal(canarySize({ autoscalerRef, canaryReplicas: '25%' }, { scaler: scaler(2) }, 10), 3);
  });
});
