// Schedules that random ones come to once in hundreds of thousands, each with a way to be wrong that it finds out.
import type { CheckStatus } from '../../../api/generated/canary.ts';
import { B, type Decide } from '../pretend-release.ts';
import { type Happening, REVISIONS, type Schedule } from './schedule.ts';
import { trustsPodsItFinds } from './wrong-deciders.ts';

interface RareSchedule {
  /** What `decide` does in it. */
  readonly title: string;
  readonly schedule: Schedule;
  readonly wrong: Decide;
  /** The rule that the wrong one breaks. */
  readonly rule: RegExp;
}

const AT_ONCE = { verdicts: ['Pass'] as readonly CheckStatus['verdict'][], targetMs: 0, primaryMs: 0 };

/** One canary of one pod, nothing of which takes its time. */
const PLAIN: Schedule = {
  ...{ approvals: [], hooks: {}, skipAnalysis: false, replicas: 1, recreates: false, scaler: undefined, lazy: false },
  ...{ routeDelayMs: 0, metricsDelayMs: 0, listDelayMs: 0, fromNothing: true, happenings: [] },
  analysis: {
    ...{ stepWeight: 50, threshold: 1, drainSeconds: 0, stepWeightPromotion: 0, canaryReadyThreshold: 100 },
    metrics: [{ name: 'errors', interval: '1m', onNoData: 'fail', onError: 'fail' }],
  },
  fates: REVISIONS.map(() => AT_ONCE),
};

const after = (steps: number, what: Happening) => ({ steps, isMeanwhile: false, what });
const meanwhile = (what: Happening) => ({ steps: 0, isMeanwhile: true, what });

const OTHER_CONFIGURATION = /rule 2: more traffic for pods with other configuration/;

export const RARE_SCHEDULES: readonly RareSchedule[] = [
  {
    title: 'replaces pods that had read something else before their canary was there',
    // A release begins with the end of the bootstrap: the target is scaled up before anybody has seen it scaled down.
    schedule: {
      ...PLAIN,
      happenings: [after(0, { kind: 'configure', config: 'y' }), after(5, { kind: 'reread', as: '0' })],
    },
    wrong: trustsPodsItFinds,
    rule: OTHER_CONFIGURATION,
  },
  {
    title: 'replaces pods of a target that was made anew while something else was there to read',
    schedule: {
      ...PLAIN,
      fromNothing: false,
      happenings: [
        after(0, { kind: 'configure', config: 'y' }),
        after(0, { kind: 'delete', side: 'target' }),
        after(0, { kind: 'land', revision: B, username: undefined }),
        // Its status is not written, as the canary has changed; pods are started.
        meanwhile({ kind: 'edit', analysis: { stepWeight: 50 } }),
        after(0, { kind: 'configure', config: 'x' }),
      ],
    },
    wrong: trustsPodsItFinds,
    rule: OTHER_CONFIGURATION,
  },
];
