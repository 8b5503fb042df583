// What may happen to a release, at random: its plan, its revisions' fates, its hooks, and what people and machines do to it.
import fc from 'fast-check';
import type { Analysis, CanaryWebhook, CheckStatus } from '../../../api/generated/canary.ts';
import type { GateMoment, HookMoment } from '../hooks-at.ts';
import type { Refusal, UnreadConfig } from '../observation.ts';
import { A, B, C, check, type PretendOptions } from '../pretend-release.ts';
import type { RequestedAction } from '../requested-action.ts';

export const D = 'd'.repeat(64);
export const REVISIONS = [A, B, C, D] as const;
/** What pods are configured by: the first of all, and others. */
export const CONFIGS = ['x', 'y', 'z'] as const;

/** What a status has that an older controller, or another, may not have written; none of it says what is wanted. */
const NEWER = [
  ...(['summary', 'waitingFor', 'conditions', 'checks', 'triggeredBy', 'target', 'observedGeneration'] as const),
  ...(['actualWeight', 'steps', 'iterations', 'stepStartedAt', 'nextCheckAt', 'drainedAt'] as const),
] as const;

export type Happening =
  | { readonly kind: 'land'; readonly revision: string; readonly username: string | undefined }
  | { readonly kind: 'configure'; readonly config: string }
  | { readonly kind: 'unread'; readonly reason: UnreadConfig['reason'] | undefined }
  | { readonly kind: 'delete'; readonly side: 'target' | 'primary' }
  | { readonly kind: 'services'; readonly areRefused: boolean }
  | { readonly kind: 'reread'; readonly as: string }
  | { readonly kind: 'refuse'; readonly holds: Refusal['holds'] | undefined }
  | { readonly kind: 'crash'; readonly side: 'target' | 'primary'; readonly ms: number }
  | { readonly kind: 'kill' }
  | { readonly kind: 'clock'; readonly byMs: number }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'edit'; readonly analysis: Partial<Analysis>; readonly skipAnalysis?: boolean }
  | { readonly kind: 'route'; readonly weight: number }
  | { readonly kind: 'gateway'; readonly refuses: boolean }
  | { readonly kind: 'answer'; readonly passes: boolean }
  | { readonly kind: 'ask'; readonly of: Asked }
  | {
      readonly kind: 'autoscaler';
      readonly what: 'edit' | 'write' | 'delete' | 'delete target’s';
      readonly replicas: number;
    }
  | { readonly kind: 'load'; readonly replicas: number }
  | { readonly kind: 'older'; readonly lacks: readonly (typeof NEWER)[number][] }
  | { readonly kind: 'scale'; readonly replicas: number };

/** What becomes of a revision: its checks, and its pods on either side. */
interface Fate {
  readonly verdicts: readonly CheckStatus['verdict'][];
  readonly targetMs: number;
  readonly primaryMs: number;
}

/** What somebody asks for, and of which revision. */
export interface Asked {
  readonly action: RequestedAction['action'];
  readonly revision: 'of the run' | 'in short' | 'another' | 'of the target';
  readonly how: Partial<RequestedAction>;
  readonly isTwice: boolean;
}

/** What a hook says one time after the other. */
export type Says = 'Pass' | 'Fail' | 'under way';

export interface Schedule {
  readonly hooks: Readonly<Partial<Record<HookMoment, readonly Says[]>>>;
  /** Gates that people open. */
  readonly approvals: readonly GateMoment[];
  readonly analysis: Partial<Analysis>;
  readonly skipAnalysis: boolean;
  readonly replicas: number;
  readonly recreates: boolean;
  readonly scaler: PretendOptions['scaler'];
  readonly lazy: boolean;
  readonly routeDelayMs: number;
  /** How long metric servers take. */
  readonly metricsDelayMs: number;
  readonly listDelayMs: number;
  readonly fromNothing: boolean;
  readonly fates: readonly Fate[];
  /** After how many steps, and whether between a decision and what is done about it. */
  readonly happenings: readonly { readonly steps: number; readonly isMeanwhile: boolean; readonly what: Happening }[];
}

export const GATES = ['confirm-rollout', 'confirm-traffic-increase', 'confirm-promotion'] as const;
export const gateName = (moment: GateMoment) => `${moment} by a person`;

export const PLANS: readonly Partial<Analysis>[] = [
  { stepWeight: 50 },
  { stepWeight: 20, maxWeight: 50 },
  { stepWeights: [1, 10, 80] },
  { stepWeights: [30] },
  { stepWeight: 50, mirror: true },
  { iterations: 2 },
  { iterations: 1, mirror: true, mirrorWeight: 30 },
  { iterations: 3, match: [{ headers: { 'x-user': { exact: 'insider' } } }] },
];
/** What an edit takes away of a plan that was there before. */
export const NO_PLAN = {
  ...{ stepWeight: undefined, stepWeights: undefined, maxWeight: undefined, iterations: undefined },
  ...{ match: undefined, mirror: undefined, mirrorWeight: undefined },
};
const metric = (onNoData: 'fail' | 'hold' | 'pass', onError: 'fail' | 'hold') => ({
  metrics: [{ name: 'errors', interval: '1m', onNoData, onError }],
});

const anyAnalysis = fc
  .record({
    plan: fc.constantFrom(...PLANS),
    threshold: fc.integer({ min: 1, max: 3 }),
    drainSeconds: fc.constantFrom(0, 5),
    stepWeightPromotion: fc.constantFrom(0, 30),
    readyThreshold: fc.constantFrom(100, 100, 50, 0),
    missing: fc.constantFrom(metric('fail', 'fail'), metric('hold', 'hold'), metric('pass', 'fail')),
  })
  .map(({ plan, missing, readyThreshold, ...rest }) => ({
    ...{ ...plan, ...missing, ...rest },
    canaryReadyThreshold: readyThreshold,
  }));

const verdicts = fc.oneof(
  { weight: 3, arbitrary: fc.constant(['Pass'] as const) },
  { weight: 1, arbitrary: fc.constant(['Fail'] as const) },
  fc.array(fc.constantFrom('Pass', 'Pass', 'Fail', 'Inconclusive', 'NoData', 'Error'), { minLength: 1, maxLength: 4 }),
);
const fate: fc.Arbitrary<Fate> = fc.record({
  verdicts,
  targetMs: fc.constantFrom(0, 2000, 2000, 2000, Number.POSITIVE_INFINITY),
  primaryMs: fc.constantFrom(0, 3000, 3000, Number.POSITIVE_INFINITY),
});
const crashMs = fc.constantFrom(500, 5000, 30_000, 200_000);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('land'),
      revision: fc.constantFrom(...REVISIONS),
      username: fc.constantFrom(undefined, 'anne'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('configure'), config: fc.constantFrom(...CONFIGS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('unread'),
      reason: fc.constantFrom(undefined, 'ConfigMissing', 'ConfigUnread'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delete'), side: fc.constantFrom('target', 'primary', 'primary') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('services'), areRefused: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reread'), as: fc.constantFrom('0', '1') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('refuse'),
      holds: fc.constantFrom('everything', 'releases', undefined),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('crash'), side: fc.constantFrom('target', 'primary'), ms: crashMs }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock'), byMs: fc.integer({ min: -3.6e6, max: 3.6e6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('suspend') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('edit'), analysis: anyAnalysis, skipAnalysis: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('route'), weight: fc.integer({ min: 0, max: 100 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('gateway'), refuses: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer'), passes: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('ask'),
      of: fc.record({
        action: fc.constantFrom(
          'promote',
          'promote',
          'abort',
          'pause',
          'pause',
          'resume',
          'retry',
          'approve',
          'reject',
        ),
        revision: fc.constantFrom('of the run', 'of the run', 'of the run', 'in short', 'another', 'of the target'),
        how: fc.constantFrom<Partial<RequestedAction>>(
          {},
          {},
          { full: true },
          { toStep: 2 },
          { gate: gateName('confirm-promotion') },
        ),
        isTwice: fc.boolean(),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('load'), replicas: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('autoscaler'),
      what: fc.constantFrom('edit', 'write', 'delete', 'delete target’s'),
      replicas: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('older'), lacks: fc.subarray([...NEWER]) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('scale'), replicas: fc.integer({ min: 0, max: 3 }) }) },
);
const says = fc.option(
  fc.oneof(
    fc.constant<readonly Says[]>(['Pass']),
    fc.array(fc.constantFrom<Says>('Pass', 'Pass', 'Fail', 'under way'), { minLength: 1, maxLength: 3 }),
  ),
  { nil: undefined, freq: 2 },
);
const rollbackSays = fc.option(
  fc.array(fc.constantFrom<Says>('Fail', 'Fail', 'Fail', 'Pass', 'under way'), { minLength: 1, maxLength: 5 }),
  { nil: undefined, freq: 2 },
);
const someHooks = fc
  .record({
    ...{ 'confirm-rollout': says, 'pre-rollout': says, rollout: says, 'confirm-traffic-increase': says },
    ...{ 'confirm-promotion': says, 'post-rollout': says, rollback: rollbackSays },
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, each]) => each !== undefined)));
export const schedule: fc.Arbitrary<Schedule> = fc.record({
  approvals: fc.oneof(fc.constant([]), fc.constant([]), fc.subarray<GateMoment>([...GATES])),
  hooks: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: someHooks }),
  analysis: anyAnalysis,
  skipAnalysis: fc.constantFrom(false, false, false, false, true),
  replicas: fc.integer({ min: 1, max: 3 }),
  recreates: fc.boolean(),
  scaler: fc.option(
    fc.record({ minReplicas: fc.constantFrom(1, 2), maxReplicas: fc.constantFrom(3, 5), load: fc.constant(3) }),
    {
      nil: undefined,
    },
  ),
  lazy: fc.boolean(),
  routeDelayMs: fc.constantFrom(0, 0, 300),
  fromNothing: fc.constantFrom(false, false, false, true),
  fates: fc.array(fate, { minLength: REVISIONS.length, maxLength: REVISIONS.length }),
  happenings: fc.array(fc.record({ steps: fc.nat(12), isMeanwhile: fc.boolean(), what: happening }), { maxLength: 8 }),
  listDelayMs: fc.constantFrom(0, 0, 700),
  metricsDelayMs: fc.constantFrom(0, 0, 300, 8000),
});

export const hook = (type: CanaryWebhook['type']): CanaryWebhook => ({
  ...{ name: type, type, url: 'http://hook.test', timeout: '10s' },
});
export const gateByPerson = (moment: GateMoment): CanaryWebhook => ({
  name: gateName(moment),
  type: moment,
  timeout: '10s',
});
export const answer = (moment: string, verdict: 'Pass' | 'Fail') => [check(moment, verdict, { kind: 'Webhook' })];
