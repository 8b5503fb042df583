// Releases as they are met, for what shows them.
import type {
  Analysis,
  Canary,
  CanarySpec,
  CanaryStatus,
  CheckStatus,
  Measurement,
} from '../../api/generated/canary.ts';
import type { SeenRelease, ToldEvent, Workload } from './seen-release.ts';

export const NOW = new Date('2026-01-01T12:00:00Z');
const FIRST = '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae';
const SECOND = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** RFC 3339, so many seconds before now. */
export function ago(seconds: number): string {
  return new Date(NOW.getTime() - seconds * 1000).toISOString();
}

const ANALYSIS: Analysis = {
  ...{ interval: '30s', threshold: 5, stepWeight: 10, maxWeight: 50, drainSeconds: 5 },
  ...{ primaryReadyThreshold: 100, canaryReadyThreshold: 100 },
  metrics: [
    { name: 'request-success-rate', interval: '1m', thresholdRange: { min: 99 }, onNoData: 'fail', onError: 'fail' },
    { name: 'request-duration', interval: '1m', thresholdRange: { max: 500 }, onNoData: 'fail', onError: 'fail' },
  ],
};

const GATES: Analysis['webhooks'] = [
  { name: 'load', type: 'rollout', url: 'http://load.test/', timeout: '10s' },
  { name: 'qa', type: 'confirm-promotion', timeout: '10s' },
  { name: 'change-board', type: 'confirm-rollout', url: 'http://board.test/approve', timeout: '10s' },
];

interface Pretended {
  readonly status?: CanaryStatus;
  readonly analysis?: Partial<Analysis>;
  readonly spec?: Partial<CanarySpec>;
  readonly name?: string;
  readonly namespace?: string;
}

export function pretendCanary({ status, analysis, spec, name = 'podinfo', namespace = 'shop' }: Pretended): Canary {
  return {
    ...{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary' },
    metadata: { name, namespace, uid: 'c1', resourceVersion: '7', generation: 1, creationTimestamp: ago(86_400) },
    spec: {
      provider: 'contour',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      service: { port: 9898, portName: 'http' },
      progressDeadlineSeconds: 600,
      analysis: { ...ANALYSIS, ...analysis },
      ...spec,
    },
    ...(status !== undefined && { status }),
  };
}

function seen(canary: Canary, targetReady = 2, rest: Partial<SeenRelease> = {}): SeenRelease {
  const { name } = canary.metadata;
  const image = (version: string) => ({ podinfod: `ghcr.io/stefanprodan/podinfo:${version}` });
  const workload = (role: Workload['role'], ready: number, version: string): Workload => ({
    ...{ role, kind: 'Deployment', name: role === 'target' ? name : `${name}-primary`, images: image(version) },
    pods: { wanted: ready === 0 ? 0 : 2, ready, updated: ready },
  });
  const events = canary.status === undefined ? [] : EVENTS;
  const workloads = [workload('target', targetReady, '6.0.1'), workload('primary', 2, '6.0.0')];
  return { ...{ canary, workloads, events, unread: [] }, ...rest };
}

const told = (at: string, action: string, note: string, type = 'Normal', count = 1): ToldEvent => ({
  ...{ at, action, note, type, count },
});
const EVENTS = [
  told(ago(150), 'Start', 'New revision detected! Scaling up podinfo.shop'),
  told(ago(120), 'Advance', 'Advance podinfo.shop canary weight 10'),
  told(ago(60), 'Halt', 'Halt podinfo.shop advancement success rate 98.17% < 99%', 'Warning', 3),
  told(ago(20), 'Advance', 'Advance podinfo.shop canary weight 20'),
];

const RUN: CanaryStatus = {
  ...{ phase: 'Progressing', step: 2, steps: 5, startedAt: ago(150), lastTransitionTime: ago(150) },
  ...{ stepStartedAt: ago(20), nextCheckAt: ago(-10), desiredWeight: 20, actualWeight: 20, canaryWeight: 20 },
  ...{ failedChecks: 1, iterations: 2, lastAppliedSpec: SECOND, lastPromotedSpec: FIRST },
  triggeredBy: { username: 'jane@example.com', changedAt: ago(151) },
  waitingFor: { reason: 'StepInterval', message: 'weight 20 is held for 30s, and judged then', until: ago(-10) },
};

function measured(values: readonly (readonly [number | undefined, Measurement['verdict']])[]) {
  return values.map(([value, verdict], index): Measurement => {
    const checkedAt = ago((values.length - index) * 30 - 10);
    return { ...{ checkedAt, verdict, weight: index < 3 ? 10 : 20 }, ...(value !== undefined && { value }) };
  });
}

const SUCCESS_RATE: CheckStatus = {
  ...{ kind: 'Metric', name: 'request-success-rate', verdict: 'Pass', value: 99.87, thresholdRange: { min: 99 } },
  ...{ checkedAt: ago(20), samples: 412 },
  measurements: measured([
    ...([
      [100, 'Pass'],
      [98.17, 'Fail'],
      [undefined, 'NoData'],
      [99.87, 'Pass'],
    ] as const),
  ]),
};
const DURATION: CheckStatus = {
  ...{ kind: 'Metric', name: 'request-duration', verdict: 'Pass', value: 212, thresholdRange: { max: 500 } },
  checkedAt: ago(20),
  measurements: measured([
    [180, 'Pass'],
    [230, 'Pass'],
    [460, 'Pass'],
    [212, 'Pass'],
  ]),
};
const CHECKS = [SUCCESS_RATE, DURATION];

const atRest = (phase: 'Initialized' | 'Succeeded'): CanaryStatus => ({
  ...{ phase, lastAppliedSpec: FIRST, lastPromotedSpec: FIRST, lastTransitionTime: ago(3600) },
  ...{ desiredWeight: 0, actualWeight: 0, canaryWeight: 0, failedChecks: 0, iterations: 0 },
});

const FAILURE = {
  reason: 'ThresholdReached',
  message: '5 checks have failed; success rate 69.17% < 99%',
  failedAt: ago(300),
};
const LONG = 'the-checkout-service-of-the-northern-region-which-nobody-ever-dared-to-rename';

/** Each by what it is called in the test of what shows it. */
export const PRETEND_RELEASES: Readonly<Record<string, SeenRelease>> = {
  progressing: seen(pretendCanary({ status: { ...RUN, checks: CHECKS } })),
  'on its way': seen(
    pretendCanary({
      status: {
        ...{ ...RUN, checks: CHECKS, desiredWeight: 20, actualWeight: 10, nextCheckAt: ago(5) },
        waitingFor: {
          reason: 'RouteAccepted',
          message: 'the gateway has not taken up route podinfo yet',
          until: ago(-580),
        },
      },
    }),
    1,
  ),
  'at a gate': seen(
    pretendCanary({
      analysis: { webhooks: GATES },
      status: {
        ...{ ...RUN, phase: 'WaitingPromotion', step: 5, desiredWeight: 50, actualWeight: 50, nextCheckAt: ago(-10) },
        ...{ lastTransitionTime: ago(600), checks: CHECKS },
        waitingFor: {
          ...{ reason: 'Approval', gate: 'qa' },
          message: 'gate qa is opened by a CanaryAction that approves it for revision 9f86d08188',
        },
      },
    }),
    2,
    { mayOpenGates: true },
  ),
  'at a gate that others open': seen(
    pretendCanary({
      analysis: { webhooks: GATES },
      status: {
        ...{ ...RUN, phase: 'Waiting', step: 0, desiredWeight: 0, actualWeight: 0, lastTransitionTime: ago(40) },
        waitingFor: {
          ...{ reason: 'GateClosed', until: ago(-10) },
          message: 'the confirm-rollout gate is closed, and is asked again then',
        },
      },
    }),
    0,
  ),
  failed: seen(
    pretendCanary({
      status: {
        ...{ ...atRest('Succeeded'), phase: 'Failed', step: 2, lastAppliedSpec: SECOND, lastTransitionTime: ago(290) },
        ...{ startedAt: ago(700), failedChecks: 5, failure: FAILURE, triggeredBy: { username: 'jane@example.com' } },
        checks: [
          { ...SUCCESS_RATE, verdict: 'Fail', value: 69.17, message: '412 requests, 127 of them failed' },
          DURATION,
        ],
        history: [{ revision: SECOND, result: 'Failed', startedAt: ago(700), finishedAt: ago(290) }],
      },
    }),
    0,
  ),
  promoting: seen(
    pretendCanary({
      status: {
        ...{ ...RUN, phase: 'Promoting', step: 5, desiredWeight: 50, actualWeight: 50, lastTransitionTime: ago(30) },
        checks: CHECKS,
        waitingFor: {
          reason: 'PrimaryReady',
          message: 'podinfo-primary.shop: 1 of 2 updated replicas are available',
          until: ago(-570),
        },
      },
    }),
  ),
  initialized: seen(pretendCanary({ status: atRest('Initialized') }), 0),
  'A/B': seen(
    pretendCanary({
      analysis: { iterations: 10, match: [{ headers: { cookie: { regex: '^(.*?;)?(type=insider)(;.*)?$' } } }] },
      status: { ...RUN, step: 7, steps: 10, desiredWeight: 100, actualWeight: 100, matchedOnly: true, checks: CHECKS },
    }),
  ),
  'blue/green with a mirror': seen(
    pretendCanary({
      analysis: { iterations: 3, mirror: true, mirrorWeight: 80 },
      status: { ...RUN, step: 2, steps: 4, desiredWeight: 0, actualWeight: 0, mirrorWeight: 80, checks: CHECKS },
    }),
  ),
  suspended: seen(
    pretendCanary({ spec: { suspend: true }, status: { ...RUN, waitingFor: { reason: 'Suspended' }, checks: CHECKS } }),
  ),
  'paused by hand': seen(
    pretendCanary({
      status: {
        ...{ ...RUN, checks: CHECKS, paused: { by: 'joe', at: ago(95), reason: 'errors in the shop’s log' } },
        waitingFor: { reason: 'Paused', message: 'it is paused' },
      },
    }),
  ),
  'no status yet': { canary: pretendCanary({}), workloads: [], events: [], unread: [] },
  'very long names': seen(
    pretendCanary({
      ...{ name: LONG, namespace: `${LONG}-namespace` },
      analysis: {
        metrics: [
          {
            ...{ name: 'requests-of-the-northern-region-that-took-longer-than-they-should', interval: '1m' },
            ...{ thresholdRange: { min: 0.25, max: 17 }, onNoData: 'fail', onError: 'fail' },
          },
        ],
        webhooks: [{ name: `gate-${LONG}`, type: 'confirm-promotion', timeout: '10s' }],
      },
      status: {
        ...RUN,
        checks: [
          {
            ...{ kind: 'Metric', name: 'requests-of-the-northern-region-that-took-longer-than-they-should' },
            ...{ verdict: 'Error', message: `http://prometheus.${LONG}.test/api/v1/query answered 503` },
          },
        ],
      },
    }),
    2,
    { unread: ['the events could not be read: events.events.k8s.io is forbidden'] },
  ),
};
