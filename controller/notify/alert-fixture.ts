import type { Alert } from './alert.ts';

export const REVISION = 'd1e5b6603640a74ecc57a89e1bd8d7c7d1e5b6603640a74ecc57a89e1bd8d7c7';

/** That a new revision is analysed. */
export function alert(given: Partial<Alert> = {}): Alert {
  return {
    ...{ name: 'podinfo', namespace: 'test', phase: 'Progressing', severity: 'info' },
    message: 'New revision of podinfo.test detected. The analysis begins',
    target: { kind: 'Deployment', name: 'podinfo' },
    ...{ revision: REVISION, images: ['ghcr.io/podinfo:6.9.0'], triggeredBy: 'jane@example.com' },
    plan: { threshold: 5, progressDeadlineSeconds: 60, routing: 'weights 10, 20, 30' },
    at: new Date('2026-11-21T10:00:00.123Z'),
    ...given,
  };
}

const MESSAGE = '5 checks have failed; success rate 69.17% < 99%';

/** That it is rolled back. */
export function rollback(given: Partial<Alert> = {}): Alert {
  const { plan: _plan, ...rest } = alert();
  return {
    ...rest,
    ...{ phase: 'Failed', severity: 'error', message: `Rolling back podinfo.test: ${MESSAGE}` },
    failure: {
      ...{ reason: 'ThresholdReached', message: MESSAGE },
      checks: [
        {
          ...{ kind: 'Metric', name: 'request-success-rate', verdict: 'Fail', value: 69.1666 },
          thresholdRange: { min: 99 },
        },
        { kind: 'Webhook', name: 'smoke', verdict: 'Error', message: 'http://smoke.test gave no answer' },
      ],
    },
    ...given,
  };
}
