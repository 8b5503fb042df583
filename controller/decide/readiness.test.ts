import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type DeploymentFacts, type Readiness, type ReadinessOptions, readiness } from './readiness.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const OPTIONS: ReadinessOptions = { thresholdPercent: 100, now: START + 10_000, deadlineMs: 60_000, since: START };
const THREE_READY: DeploymentFacts = {
  name: 'podinfo',
  namespace: 'test',
  generation: 2,
  observedGeneration: 2,
  replicas: 3,
  statusReplicas: 3,
  updatedReplicas: 3,
  availableReplicas: 3,
  conditions: [],
};

function condition(type: string, status: string, reason: string, secondsAfterStart = 0) {
  const time = new Date(START + secondsAfterStart * 1000).toISOString();
  return { type, status, reason, message: '', lastUpdateTime: time, lastTransitionTime: time };
}

function judged(facts: Partial<DeploymentFacts>, options: Partial<ReadinessOptions> = {}): Readiness {
  return readiness({ ...THREE_READY, ...facts }, { ...OPTIONS, ...options });
}

describe('readiness()', () => {
  const waiting = 'Waiting for podinfo.test rollout to finish: ';
  const cases: readonly [
    title: string,
    facts: Partial<DeploymentFacts>,
    options: Partial<ReadinessOptions>,
    message: string | undefined,
  ][] = [
    ['all is there', {}, {}, undefined],
    ['an older generation', { observedGeneration: 1 }, {}, 'generation 2 has not been observed'],
    ['not all updated', { updatedReplicas: 1 }, {}, '1 out of 3 new replicas have been updated'],
    ['old pods left', { statusReplicas: 4 }, {}, '1 old replicas are pending termination'],
    ['none available', { availableReplicas: 0 }, {}, '0 of 3 updated replicas are available'],
    ['half of three', { availableReplicas: 1 }, { thresholdPercent: 50 }, undefined],
    ['less than half', { availableReplicas: 0 }, { thresholdPercent: 50 }, '0 of 3 updated replicas are available'],
    [
      'half of one',
      { replicas: 1, statusReplicas: 1, updatedReplicas: 1, availableReplicas: 0 },
      { thresholdPercent: 50 },
      '0 of 1 updated replicas are available',
    ],
    ['a threshold of 0', { availableReplicas: 0 }, { thresholdPercent: 0 }, undefined],
    ['none wanted', { replicas: 0, statusReplicas: 0, updatedReplicas: 0, availableReplicas: 0 }, {}, undefined],
    [
      'no endpoint listed',
      { endpoints: { service: 'canary', ready: 0 } },
      {},
      'the Service canary has no endpoint that is ready',
    ],
    ['an endpoint listed', { endpoints: { service: 'canary', ready: 1 } }, {}, undefined],
    [
      'no endpoint, and none is asked for',
      { endpoints: { service: 'canary', ready: 0 } },
      { thresholdPercent: 0 },
      undefined,
    ],
    [
      'none wanted where some have to be',
      { replicas: 0, statusReplicas: 0, updatedReplicas: 0, availableReplicas: 0 },
      { running: true },
      'it is scaled to zero',
    ],
  ];
  for (const [title, facts, options, message] of cases) {
    it(`${message === undefined ? 'is ready' : 'waits'}: ${title}`, () => {
      assert.deepEqual(
        judged(facts, options),
        message === undefined
          ? { kind: 'ready' }
          : { kind: 'progressing', message: waiting + message, stalledSinceMs: START },
      );
    });
  }

  it('counts the deadline from the last progress, and pods that fell over anew', () => {
    const stalledSince = (conditions: DeploymentFacts['conditions']) => {
      const result = judged({ availableReplicas: 0, conditions });
      return result.kind === 'progressing' && (result.stalledSinceMs - START) / 1000;
    };
    assert.equal(stalledSince([condition('Progressing', 'True', 'ReplicaSetUpdated', 5)]), 5);
    assert.equal(stalledSince([condition('Progressing', 'True', 'NewReplicaSetAvailable', -500)]), 0);
    assert.equal(stalledSince([condition('Available', 'False', 'MinimumReplicasUnavailable', 7)]), 7);
    assert.equal(stalledSince([condition('Available', 'True', 'MinimumReplicasAvailable', 7)]), 0);
    assert.equal(stalledSince([{ ...condition('Progressing', 'True', ''), lastUpdateTime: '' }]), 0);
  });

  it('fails when nothing has moved for the deadline', () => {
    const facts = { availableReplicas: 1, conditions: [condition('Progressing', 'True', 'ReplicaSetUpdated', 5)] };
    assert.equal(judged(facts, { now: START + 64_999 }).kind, 'progressing');
    assert.deepEqual(judged(facts, { now: START + 65_000 }), {
      kind: 'failed',
      reason: 'CanaryDeadlineExceeded',
      message: 'podinfo.test rollout made no progress in 1m0s: 1 of 3 updated replicas are available',
    });
  });

  it('fails when Kubernetes has given the rollout up', () => {
    const conditions = [condition('Progressing', 'False', 'ProgressDeadlineExceeded')];
    assert.deepEqual(judged({ availableReplicas: 1, conditions }), {
      kind: 'failed',
      reason: 'ProgressDeadlineExceeded',
      message:
        'podinfo.test rollout exceeded the progressDeadlineSeconds of its Deployment: 1 of 3 updated replicas are available',
    });
  });

  it('does not take the failure of an older generation for one of this', () => {
    const conditions = [condition('Progressing', 'False', 'ProgressDeadlineExceeded')];
    assert.equal(judged({ observedGeneration: 1, conditions }).kind, 'progressing');
  });

  it('is ready with as many as the threshold asks for, though Kubernetes waited for more', () => {
    const conditions = [condition('Progressing', 'False', 'ProgressDeadlineExceeded')];
    assert.equal(judged({ availableReplicas: 2, conditions }, { thresholdPercent: 60 }).kind, 'ready');
  });

  it('is never worse with one more pod available', () => {
    const pods = fc.nat(5);
    fc.assert(
      fc.property(
        pods,
        pods,
        pods,
        pods,
        fc.nat(100),
        (replicas, statusReplicas, updatedReplicas, available, percent) => {
          const facts = { replicas, statusReplicas, updatedReplicas, availableReplicas: available };
          if (judged(facts, { thresholdPercent: percent }).kind !== 'ready') return;
          assert.equal(
            judged({ ...facts, availableReplicas: available + 1 }, { thresholdPercent: percent }).kind,
            'ready',
          );
        },
      ),
    );
  });
});
