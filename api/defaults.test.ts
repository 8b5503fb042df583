import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withDefaults } from './defaults.ts';

describe('withDefaults', () => {
  it('fills in what the definition has a default for, where the object around it is there', () => {
    const object = {
      spec: { analysis: { metrics: [{ name: 'request-duration' }], webhooks: [{ name: 'a', timeout: '1m' }] } },
    };
    assert.deepEqual(withDefaults('Canary', object), {
      spec: {
        progressDeadlineSeconds: 600,
        analysis: {
          drainSeconds: 5,
          primaryReadyThreshold: 100,
          canaryReadyThreshold: 100,
          metrics: [{ name: 'request-duration', interval: '1m', onNoData: 'fail', onError: 'fail' }],
          webhooks: [{ name: 'a', timeout: '1m', type: 'rollout' }],
        },
      },
    });
  });

  it('leaves what is written, and the object that it was given', () => {
    const object = Object.freeze({ spec: Object.freeze({ progressDeadlineSeconds: 60, provider: '' }) });
    assert.deepEqual(withDefaults('Canary', object), { spec: { progressDeadlineSeconds: 60, provider: '' } });
  });

  it('puts the default in place of a null', () => {
    assert.deepEqual(withDefaults('Canary', { spec: { progressDeadlineSeconds: null } }), {
      spec: { progressDeadlineSeconds: 600 },
    });
  });

  it('passes on what is of another shape', () => {
    for (const value of [null, 1, 'spec', [1], { spec: [] }]) assert.deepEqual(withDefaults('Canary', value), value);
  });
});
