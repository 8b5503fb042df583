import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FINALIZER } from '../../../api/keys.ts';
import { decide } from '../decide.ts';
import type { GateMoment } from '../hooks-at.ts';
import type { Acceptance, Observation } from '../observation.ts';
import { A, B, C, PretendRelease } from '../pretend-release.ts';
import { changed } from '../status.ts';
import { answer, GATES, gateByPerson, gateName, hook, PLANS } from './schedule.ts';

describe('decide(), whatever it is given', () => {
  const text = fc.constantFrom(undefined, '', A, B, '5978589476', 'x');
  const date = fc.constantFrom(
    undefined,
    '',
    'soon',
    '1970-01-01T00:00:00Z',
    '2026-01-01T12:00:00.5Z',
    '2099-01-01T00:00:00Z',
  );
  const count = fc.constantFrom(undefined, -1, 0, 1, 2, 7, 1000);
  const weight = fc.constantFrom(undefined, 0, 1, 50, 99, 100);
  const phase = fc.constantFrom(
    ...([undefined, '', 'Initializing', 'Initialized', 'Waiting', 'Progressing', 'WaitingPromotion'] as const),
    ...(['Promoting', 'Finalising', 'Succeeded', 'Failed', 'Terminating', 'Terminated'] as const),
  );
  const ending = fc.constantFrom(
    undefined,
    ...(['Succeeded', 'Failed', 'Aborted', 'Superseded', 'Reverted'] as const).map((result) => ({
      ...{ result, reason: 'Odd', message: '' },
    })),
  );
  const oddStatus = fc.record({
    ...{ phase, ending, step: count, steps: count, failedChecks: count, iterations: count },
    ...{ desiredWeight: weight, canaryWeight: weight, actualWeight: weight },
    ...{ stepStartedAt: date, nextCheckAt: date, drainedAt: date, startedAt: date, lastTransitionTime: date },
    ...{ lastAppliedSpec: text, lastPromotedSpec: text },
    waitingFor: fc.constantFrom(undefined, { reason: 'RouteAccepted' }, { reason: 'Odd' }),
    failure: fc.constantFrom(undefined, { reason: '', message: '' }),
    paused: fc.constantFrom(undefined, { at: '' }, { at: '2026-01-01T12:00:00Z', by: 'jane' }),
    resumedAt: date,
    approvals: fc.constantFrom(undefined, [{ gate: gateName('confirm-promotion'), at: '' }]),
    promotedBy: fc.constantFrom(undefined, { at: '' }),
    decisions: fc.constantFrom(undefined, [{ uid: '0', name: 'x', action: 'abort', at: '', result: 'Done' as const }]),
    trackedConfigs: fc.constantFrom(undefined, { 'configmap/a': A }, { 'configmap/a': '0123456789abcdef' }),
    stalePods: fc.constantFrom(undefined, true),
    target: fc.constantFrom(
      undefined,
      { revision: A, generation: 3, uid: '1' },
      { revision: B, generation: 3, uid: '1' },
    ),
  });
  const condition = fc.record({
    type: fc.constantFrom('Progressing', 'Available', 'Odd'),
    status: fc.constantFrom('True', 'False', ''),
    reason: fc.constantFrom('ProgressDeadlineExceeded', ''),
    message: fc.constant(''),
    lastUpdateTime: date.map((each) => each ?? ''),
    lastTransitionTime: date.map((each) => each ?? ''),
  });
  const pods = fc.nat(3);
  const facts = {
    ...{ name: fc.constant('podinfo'), namespace: fc.constant('test'), uid: fc.constant('1') },
    ...{ generation: fc.constant(3), observedGeneration: fc.constantFrom(2, 3, 4) },
    ...{ replicas: pods, statusReplicas: pods, updatedReplicas: pods, availableReplicas: pods },
    conditions: fc.array(condition, { maxLength: 2 }),
  };
  const targetFacts = fc
    .record({
      ...{ ...facts, revision: fc.constantFrom(A, B, C, 'unknown'), templateRevision: fc.constantFrom(A, B, C) },
      configs: fc.constantFrom({}, { 'configmap/a': A }, { 'configmap/a': B }, { 'secret/b': 'absent' }),
      unread: fc.constantFrom(undefined, undefined, { reason: 'ConfigMissing', message: 'no' } as const),
    })
    .map(({ unread, ...each }) => ({ ...each, ...(unread !== undefined && { unread }) }));
  const measured = fc.array(
    fc.record({
      kind: fc.constant('Metric'),
      name: fc.constantFrom('request-duration', 'request-success-rate', 'errors'),
      verdict: fc.constantFrom('Pass', 'Fail', 'Inconclusive', 'NoData', 'Error'),
      value: fc.double(),
      thresholdRange: fc.record({ min: fc.double(), max: fc.double() }, { requiredKeys: [] }),
    }),
    { maxLength: 2 },
  );
  const base = new PretendRelease().observe();
  const { stepWeight: _none, ...noPlan } = base.analysis;
  const observation: fc.Arbitrary<Observation & { readonly said: Observation['answers'][string] }> = fc
    .record({
      status: oddStatus,
      spec: fc.record({ suspend: fc.boolean(), skipAnalysis: fc.boolean() }),
      isDeleted: fc.constantFrom(false, false, false, true),
      deletion: fc.record({
        namespaceIsGoing: fc.constantFrom(false, false, true),
        service: fc.record({ isThere: fc.boolean(), isBack: fc.boolean() }),
        route: fc.record({
          ...{ isThere: fc.boolean(), isBack: fc.boolean() },
          acceptance: fc.constantFrom<Acceptance>('accepted', 'accepted', 'pending', { refused: 'no' }),
        }),
      }),
      plan: fc.constantFrom(...PLANS, {}, { stepWeights: [] }, { stepWeight: 50, interval: 'soon' }),
      target: fc.option(targetFacts, { nil: undefined }),
      primary: fc.option(
        fc.record({ ...facts, revision: fc.constantFrom(undefined, A, B), mayBeEmptied: fc.boolean() }),
        {
          nil: undefined,
        },
      ),
      services: fc.record({ backends: fc.boolean(), apex: fc.boolean() }),
      route: fc.record({
        canaryWeight: weight,
        isTrue: fc.boolean(),
        acceptance: fc.constantFrom<Acceptance>('accepted', 'accepted', 'pending', { refused: 'no' }),
      }),
      measured: fc.oneof(
        fc.option(measured, { nil: undefined }),
        fc.constantFrom('under way' as const, 'overdue' as const),
      ),
      webhooks: fc.uniqueArray(
        fc.constantFrom(...(['', 'confirm-rollout', 'pre-rollout', 'confirm-promotion'] as const)),
      ),
      actions: fc.array(
        fc.record({
          ...{ uid: fc.constantFrom('0', '1', '2'), name: fc.constant('x'), createdAt: date.map((each) => each ?? '') },
          action: fc.constantFrom('promote', 'abort', 'pause', 'resume', 'retry', 'approve', 'reject'),
          revision: fc.constantFrom(A, B, C, 'x', ''),
          toStep: fc.constantFrom(1, 2, 10_000),
          full: fc.boolean(),
          gate: fc.constantFrom(gateName('confirm-promotion'), 'confirm-promotion', 'x'),
        }),
        { maxLength: 3 },
      ),
      gates: fc.subarray<GateMoment>([...GATES]),
      says: fc.constantFrom('under way' as const, [], answer('x', 'Pass'), answer('x', 'Fail')),
      rollbackIsThere: fc.boolean(),
    })
    .map(
      ({ status, spec, isDeleted, plan, measured: checks, webhooks, gates, says: said, rollbackIsThere, ...rest }) => ({
        ...base,
        ...rest,
        canary: {
          ...base.canary,
          metadata: {
            ...base.canary.metadata,
            finalizers: [FINALIZER],
            ...(isDeleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
          },
          spec: { ...base.canary.spec, ...spec },
          status: changed({}, status),
        },
        analysis: {
          ...noPlan,
          ...plan,
          webhooks: [
            ...[...webhooks, ...(rollbackIsThere ? ['rollback' as const] : [])].map(hook),
            ...gates.map(gateByPerson),
          ],
        },
        said,
        ...(checks !== undefined && { measured: checks }),
      }),
    );
  const now = fc.integer({ min: 0, max: Date.parse('2100-01-01T00:00:00Z') });

  it('decides, the same each time, and leaves what it is given alone', () => {
    fc.assert(
      fc.property(observation, now, ({ said, ...looked }, at) => {
        let seen: Observation = deeplyFrozen(looked);
        let decision = decide(seen, at);
        // Whatever is asked has the one answer, and no question is asked for ever.
        for (let questions = 0; decision.kind === 'act' && decision.effect.kind === 'call hooks'; questions++) {
          assert.ok(questions < 5, 'it asks on and on');
          seen = deeplyFrozen({ ...seen, answers: { ...seen.answers, [decision.effect.question]: said } });
          decision = decide(seen, at);
        }
        assert.deepEqual(decide(structuredClone(seen), at), decision);
        if (decision.kind === 'wait') assert.ok(decision.until === undefined || Number.isFinite(decision.until));
        if (decision.kind !== 'act') assert.ok(!Object.values(decision.status).includes(undefined));
      }),
      { numRuns: 2000 },
    );
  });
});

function deeplyFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const each of Object.values(Object.freeze(value))) deeplyFrozen(each);
  return value;
}
