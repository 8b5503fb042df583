import { kubectl } from '../kubectl.ts';
import type { Fault } from './fault.ts';

const CHECK = { name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '6s' };
const HELD = { ...CHECK, onError: 'hold', onNoData: 'hold' };
const PROMETHEUS = 'metrics server (prometheus.monitoring:9090)';
const UNREACHED = `${PROMETHEUS}: GET http://prometheus.monitoring:9090/api/v1/query: …; check the address, and that it is up`;
const TIMED_OUT =
  'metrics server (…): GET …/api/v1/query: …; check that it is up and not overloaded, and how long the query takes';

/** Whoever measures cannot, or says nothing that could be judged. */
export const METRIC_FAULTS: readonly Fault[] = [
  {
    name: 'prometheus-away-held',
    what: 'Prometheus is away, and comes back empty; the metric says `onError: hold` and `onNoData: hold`',
    analysis: { metrics: [HELD] },
    befall: ({ untilSeen }) => withoutPrometheus(untilSeen),
    during: [
      { where: 'check', reason: 'Error', text: UNREACHED },
      {
        where: 'event',
        text: `Halt podinfo.test advancement request-success-rate could not be measured: ${UNREACHED}`,
      },
      { where: 'why', text: `Check request-success-rate Error…: ${UNREACHED}` },
    ],
    afterwards: [{ where: 'event', text: 'Promotion completed! Scaling down podinfo.test' }],
    release: 'stays at its weight, and goes on once there is a value again',
    end: 'Succeeded',
    traffic: 'none, in the same split',
  },
  {
    name: 'prometheus-away',
    what: 'Prometheus is away; the metric says nothing of that',
    // Until Prometheus has scraped the canary twice there is no data, which is not what is tried here.
    analysis: { metrics: [{ ...CHECK, onNoData: 'hold' }] },
    befall: ({ until }) => withoutPrometheus(() => until(({ phase }) => phase === 'Failed', 'Failed')),
    during: [],
    afterwards: [
      {
        where: 'event',
        text: `Halt podinfo.test advancement request-success-rate could not be measured: ${UNREACHED}`,
      },
      { where: 'event', text: 'Rolling back podinfo.test failed checks threshold reached 2' },
      {
        where: 'failure',
        reason: 'ThresholdReached',
        text: `2 checks have failed; request-success-rate could not be measured: ${UNREACHED}`,
      },
    ],
    release: 'counts each as a failed check, and is rolled back at the threshold',
    end: 'Failed',
    traffic: 'none',
  },
  {
    name: 'metrics-slow',
    what: 'The metrics server takes 10 s for an answer; the metric says `onError: hold`',
    analysis: { metrics: [HELD] },
    metrics: 'slow',
    async befall({ metrics, untilSeen }) {
      metrics.begin('slow');
      await untilSeen();
      metrics.end('slow');
    },
    during: [
      { where: 'check', reason: 'Error', text: TIMED_OUT },
      {
        where: 'event',
        text: `Halt podinfo.test advancement request-success-rate could not be measured: ${TIMED_OUT}`,
      },
    ],
    afterwards: [{ where: 'event', text: 'Promotion completed! Scaling down podinfo.test' }],
    release: 'waits 5 s for each answer, stays at its weight, and goes on once answers come in time',
    end: 'Succeeded',
    traffic: 'none, in the same split',
  },
  {
    name: 'metrics-a-page',
    what: 'The metrics server answers with a page, such as one to sign in; the metric says nothing of that',
    analysis: { metrics: [CHECK] },
    metrics: 'a page',
    async befall({ metrics, until }) {
      metrics.begin('a page');
      await until(({ phase }) => phase === 'Failed', 'Failed');
      metrics.end('a page');
    },
    during: [],
    afterwards: [
      {
        where: 'failure',
        reason: 'ThresholdReached',
        text: '2 checks have failed; request-success-rate could not be measured: metrics server (…): status 200 and no answer of Prometheus: check the address and its path',
      },
    ],
    release: 'counts each as a failed check, and is rolled back at the threshold',
    end: 'Failed',
    traffic: 'none',
  },
  {
    name: 'metrics-no-number',
    what: 'The metrics server answers `NaN`; the metric says `onNoData: hold`',
    analysis: { metrics: [HELD] },
    metrics: 'no number',
    async befall({ metrics, untilSeen }) {
      metrics.begin('no number');
      await untilSeen();
      metrics.end('no number');
    },
    during: [
      {
        where: 'check',
        reason: 'NoData',
        text: 'the query gives NaN, as a ratio of no requests does; check that the canary gets requests and is scraped',
      },
      { where: 'event', text: 'Halt podinfo.test advancement request-success-rate has no data: …the query gives NaN' },
    ],
    afterwards: [{ where: 'event', text: 'Promotion completed! Scaling down podinfo.test' }],
    release: 'stays at its weight, and goes on once there is a number',
    end: 'Succeeded',
    traffic: 'none, in the same split',
  },
];

let inNeed = 0;

/** Scales Prometheus down, for all that are to be without it; it comes back when the last of them has seen enough. */
async function withoutPrometheus(untilEnough: () => Promise<void>): Promise<void> {
  if (inNeed++ === 0) await scalePrometheus(0);
  try {
    await untilEnough();
  } finally {
    if (--inNeed === 0) await scalePrometheus(1);
  }
}

async function scalePrometheus(replicas: number): Promise<void> {
  await kubectl('-n', 'monitoring', 'scale', 'deployment/prometheus', `--replicas=${replicas}`);
  if (replicas > 0) await kubectl('-n', 'monitoring', 'rollout', 'status', 'deployment/prometheus', '--timeout=100s');
}
