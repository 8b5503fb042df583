// That the rules which every fault is held to can be broken.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { assertRulesKept } from './kept-rules.ts';
import type { DeploymentState, ReleaseRecord, RouteState } from './release-record.ts';

type Moment =
  | { readonly status: CanaryStatus }
  | { readonly target: number; readonly available?: number }
  | { readonly primary: string }
  | { readonly route: number; readonly toPrimary?: number };

const run = (status: CanaryStatus): Moment => ({ status: { phase: 'Progressing', startedAt: 'today', ...status } });

const GOOD: readonly Moment[] = [
  { status: { phase: 'Initialized' } },
  { target: 0 },
  { primary: '1' },
  { route: 0 },
  run({ desiredWeight: 0 }),
  { target: 2, available: 2 },
  run({ desiredWeight: 25 }),
  { route: 25 },
  run({ desiredWeight: 50 }),
  { route: 50 },
  { status: { phase: 'Promoting', startedAt: 'today', desiredWeight: 50 } },
  { primary: '2' },
  { status: { phase: 'Finalising', startedAt: 'today', desiredWeight: 0 } },
  { route: 0 },
  { target: 0 },
  { status: { phase: 'Succeeded', startedAt: 'today', desiredWeight: 0 } },
];

/** What was recorded of these moments, one version after the other. */
function recordOf(moments: readonly Moment[]): ReleaseRecord {
  const of = <T>(state: (moment: Moment) => T | undefined) =>
    moments.flatMap((moment, index) => {
      const object = state(moment);
      return object === undefined ? [] : [{ version: BigInt(index + 9), object }];
    });
  const metadata = { name: 'podinfo', uid: 'one', resourceVersion: '1' };
  const deployment = (replicas: number, tag: string, availableReplicas: number): DeploymentState => ({
    metadata,
    spec: { replicas, template: { spec: { containers: [{ image: `podinfo:${tag}` }] } } },
    status: { availableReplicas },
  });
  const route = (canary: number, primary: number): RouteState => {
    const services = [
      { name: 'podinfo-primary', weight: primary },
      { name: 'podinfo-canary', weight: canary },
    ];
    return { metadata, spec: { routes: [{ services }] } };
  };
  return {
    statuses: of((moment) => ('status' in moment ? moment.status : undefined)).map(({ version, object: status }) => ({
      version,
      status,
    })),
    target: of((moment) => ('target' in moment ? deployment(moment.target, '2', moment.available ?? 0) : undefined)),
    primary: of((moment) => ('primary' in moment ? deployment(2, moment.primary, 2) : undefined)),
    route: of((moment) =>
      'route' in moment ? route(moment.route, moment.toPrimary ?? 100 - moment.route) : undefined,
    ),
    caughtUp: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}

/** The same with one moment in place of another, or in front of it. */
function changed(index: number, ...moments: readonly Moment[]): readonly Moment[] {
  return GOOD.toSpliced(index, 1, ...moments);
}

const PROMOTED = { old: '1', last: '2' };

describe('what is recorded of a release', () => {
  it('keeps the rules', () => assertRulesKept(recordOf(GOOD), PROMOTED));

  const broken: readonly (readonly [string, readonly Moment[], RegExp])[] = [
    ['gives less in the midst of a run', changed(8, run({ desiredWeight: 10 })), /from 25 % to 10 %/],
    ['loses requests', changed(7, { route: 25, toPrimary: 70 }), /of the route/],
    ['gives traffic to no pod', changed(5, { target: 2 }), /without a pod/],
    ['takes pods before their traffic', changed(13, { target: 0 }, { route: 0 }), /scaled down/],
    ['changes the primary before its promotion', changed(8, { primary: '2' }), /before its promotion/],
    ['gives the primary what was never released', changed(11, { primary: '3' }), /of the primary/],
  ];
  for (const [what, moments, message] of broken) {
    it(`does not where it ${what}`, () => {
      assert.throws(() => assertRulesKept(recordOf(moments), PROMOTED), message);
    });
  }

  it('does not where a release that failed has touched the primary', () => {
    assert.throws(() => assertRulesKept(recordOf(GOOD), { old: '1', last: '1' }), /of the primary/);
  });
});
