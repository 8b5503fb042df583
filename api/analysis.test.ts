import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analysisOf } from './analysis.ts';
import type { CanarySpec } from './generated/canary.ts';

describe('analysisOf', () => {
  it('is the analysis', () => {
    const analysis = { interval: '1m', threshold: 5, stepWeight: 10 };
    assert.equal(analysisOf({ analysis } as unknown as CanarySpec), analysis);
  });

  it('is a canaryAnalysis with what it lacks, and with today’s names of the built-in checks', () => {
    const canaryAnalysis = {
      interval: '60s',
      threshold: 10,
      stepWeight: 5,
      metrics: [{ name: 'istio_requests_total', threshold: 99, interval: '1m' }],
    };
    assert.deepEqual(analysisOf({ progressDeadlineSeconds: 600, canaryAnalysis }), {
      interval: '60s',
      threshold: 10,
      stepWeight: 5,
      drainSeconds: 5,
      primaryReadyThreshold: 100,
      canaryReadyThreshold: 100,
      metrics: [{ name: 'request-success-rate', threshold: 99, interval: '1m', onNoData: 'fail', onError: 'fail' }],
    });
  });
});
