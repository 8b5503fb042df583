import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withDefaults } from '../../api/defaults.ts';
import type { Analysis, Canary, CanarySpec } from '../../api/generated/canary.ts';
import { timetableLines } from '../view/timetable.ts';
import { timetableOf } from './timetable.ts';

function canaryOf(analysis: Partial<Analysis>, spec: Partial<CanarySpec> = {}): Canary {
  return withDefaults('Canary', {
    ...{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata: { name: 'podinfo', namespace: 'test' } },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      service: { port: 9898 },
      analysis: { interval: '1m', threshold: 2, ...analysis },
      ...spec,
    },
  }) as Canary;
}

const METRICS = [{ name: 'request-success-rate', thresholdRange: { min: 99 } }] as unknown as NonNullable<
  Analysis['metrics']
>;
const hook = (type: string, name: string, url?: string) => ({ type, name, ...(url !== undefined && { url }) });
const hooks = (...all: readonly object[]) => all as unknown as NonNullable<Analysis['webhooks']>;
const linesOf = (...[analysis, spec]: Parameters<typeof canaryOf>) =>
  timetableLines(timetableOf(canaryOf(analysis, spec)));

describe('a timetable', () => {
  it('has the steps of a release by weight, who is asked before each, and what a bad one costs', () => {
    const lines = linesOf({
      ...{ stepWeights: [5, 20, 60], metrics: METRICS },
      webhooks: hooks(
        hook('confirm-rollout', 'start'),
        hook('pre-rollout', 'smoke', 'http://tests/'),
        hook('rollout', 'load', 'http://load/'),
        hook('confirm-traffic-increase', 'more', 'http://gate/'),
        hook('confirm-promotion', 'go'),
        hook('rollback', 'back', 'http://back/'),
        hook('post-rollout', 'after', 'http://after/'),
      ),
    });
    assert.deepEqual(lines, [
      'podinfo in namespace test: Deployment/podinfo by weight, 3 steps of 1m0s',
      '',
      'STEP      FROM   WEIGHT   COPIES   CHECKS   WAITS FOR',
      'start     0s     0%       -        -        gate start (kubectl canary approve start podinfo)',
      '1/3       0s     5%       -        2        hook smoke, gate more (http://gate/)',
      '2/3       1m0s   20%      -        2        gate more (http://gate/)',
      '3/3       2m0s   60%      -        2        gate more (http://gate/)',
      'promote   3m0s   60%      -        -        gate more (http://gate/), gate go (kubectl canary approve go podinfo)',
      'done      3m5s   0%       -        -        hook after',
      '',
      'Checked at each step, when it has been held for 1m0s:',
      '  load                   when http://load/ says so',
      '  request-success-rate   at least 99',
      '',
      'Promoted after 3m0s at the earliest: pods, gateways, hooks and gates add what they take.',
      'Until then the canary answers 28.3% of all requests on average, and 60% at most.',
      'One that is bad from its first request on serves users for 2m0s, which is 2 failed checks: 5% of all requests.',
      'One that is bad from step 3 on serves users for 4m0s, which is 2 failed checks: 36.3% on average, and 60% at most, of all requests.',
    ]);
  });

  it('says of A/B whose share it is', () => {
    const match = [{ headers: { 'x-canary': { exact: 'insider' } } }];
    const plan = timetableOf(canaryOf({ iterations: 10, match, metrics: METRICS }, { provider: 'istio' }));
    assert.deepEqual(
      { ...plan, rows: plan.rows.length },
      {
        ...{ name: 'podinfo', namespace: 'test', target: 'Deployment/podinfo', strategy: 'A/B', rows: 13 },
        ...{ weightsAreOf: 'the requests that match', intervalSeconds: 60, threshold: 2 },
        checks: [{ kind: 'Metric', name: 'request-success-rate', min: 99 }],
        ...{ promotedAtSeconds: 600, endedAtSeconds: 605, exposure: { average: 100, most: 100 } },
        ifBad: [
          { fromStep: 1, failedChecks: 2, servesSeconds: 120, rolledBackAtSeconds: 120, average: 100, most: 100 },
        ],
        notes: [],
      },
    );
    assert.match(timetableLines(plan)[3] ?? '', /^start /);
    assert.match(timetableLines(plan)[4] ?? '', /^1-10\/10 +0s +100% /);
  });

  it('shows the copies and the switch of blue/green, where users meet a bad one only after the switch', () => {
    const plan = timetableOf(
      canaryOf({ iterations: 3, mirror: true, mirrorWeight: 40, metrics: METRICS }, { provider: 'istio' }),
    );
    assert.deepEqual(
      plan.rows.map(({ kind, step, atSeconds, weight, mirrorWeight }) => [kind, step, atSeconds, weight, mirrorWeight]),
      [
        ['start', undefined, 0, 0, 0],
        ['step', 1, 0, 0, 40],
        ['step', 2, 60, 0, 40],
        ['step', 3, 120, 0, 40],
        ['step', 4, 180, 100, 0],
        ['promote', undefined, 240, 100, 0],
        ['done', undefined, 245, 0, 0],
      ],
    );
    assert.deepEqual(plan.ifBad, [
      { fromStep: 4, failedChecks: 2, servesSeconds: 120, rolledBackAtSeconds: 300, average: 100, most: 100 },
    ]);
  });

  it('gives the traffic back in steps after a promotion where that is asked for', () => {
    const plan = timetableOf(canaryOf({ stepWeight: 50, maxWeight: 50, stepWeightPromotion: 20, metrics: METRICS }));
    assert.deepEqual(
      plan.rows.slice(2).map(({ kind, atSeconds, weight }) => [kind, atSeconds, weight]),
      [
        ['promote', 60, 50],
        ['give back', 60, 30],
        ['give back', 120, 10],
        ['done', 185, 0],
      ],
    );
  });

  it('says that nothing is checked where that is so', () => {
    const skipped = linesOf({ stepWeight: 10, metrics: METRICS }, { skipAnalysis: true });
    assert.deepEqual(skipped, [
      'podinfo in namespace test: Deployment/podinfo without analysis',
      '',
      'STEP      FROM   WEIGHT   COPIES   CHECKS   WAITS FOR',
      'start     0s     0%       -        -        -',
      'promote   0s     0%       -        -        -',
      'done      5s     0%       -        -        -',
      '',
      'Promoted after 0s at the earliest: pods, gateways, hooks and gates add what they take.',
      'Note: spec.skipAnalysis is true: it is promoted as soon as its pods are ready, and nothing is checked.',
    ]);
    const unchecked = linesOf({ stepWeight: 50 });
    assert.equal(
      unchecked.at(-1),
      'Note: nothing is checked: it is promoted when it has been held, however bad it is.',
    );
    assert.ok(!unchecked.some((line) => line.startsWith('One that is bad')));
  });

  it('plans a release that is suspended or held, and says so', () => {
    const notes = timetableOf(
      canaryOf(
        { stepWeight: 50, metrics: METRICS },
        {
          suspend: true,
          autoscalerRef: {
            ...{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' },
            canaryScalerReplicas: { minReplicas: 1 },
          },
        },
      ),
    ).notes;
    assert.match(
      notes.join('\n'),
      /^spec.suspend is true.*\nreleases are held: spec.autoscalerRef.canaryScalerReplicas/,
    );
  });

  it('is the same of a canary that is in a cluster, whatever it is doing there', () => {
    const made = canaryOf({ stepWeight: 50, webhooks: hooks(hook('confirm-promotion', 'go')) });
    const metadata = {
      ...made.metadata,
      creationTimestamp: '2026-01-01T00:00:00Z',
      deletionTimestamp: '2026-01-02T00:00:00Z',
    };
    const status: Canary['status'] = { phase: 'Progressing', desiredWeight: 50, failedChecks: 1 };
    assert.deepEqual(timetableOf({ ...made, metadata, status }), timetableOf(made));
  });

  it('knows the layout of 2018', () => {
    const { spec: _, ...rest } = canaryOf({});
    const first = withDefaults('Canary', {
      ...rest,
      spec: {
        ...{ targetKind: 'Deployment', virtualService: { name: 'podinfo' } },
        ...{
          primary: { name: 'podinfo', host: 'podinfo' },
          canary: { name: 'podinfo-canary', host: 'podinfo-canary' },
        },
        canaryAnalysis: {
          ...{ threshold: 10, maxWeight: 50, stepWeight: 5 },
          metrics: [{ name: 'istio_requests_total', threshold: 99, interval: '1m' }],
        },
      },
    }) as Canary;
    const { target, rows, promotedAtSeconds, ifBad, checks } = timetableOf(first);
    assert.deepEqual([target, rows.length, promotedAtSeconds], ['Deployment/podinfo-canary', 13, 600]);
    assert.deepEqual(checks, [{ kind: 'Metric', name: 'request-success-rate', min: 99 }]);
    assert.deepEqual(
      ifBad.map(({ fromStep, servesSeconds }) => [fromStep, servesSeconds]),
      [
        [1, 600],
        [10, 1140],
      ],
    );
  });
});
