import { oneLine } from '../../hooks/answer-text.ts';
import type { Alert, FailedCheck } from '../alert.ts';
import { bearer } from '../bearer.ts';
import type { Notifier } from '../notifier.ts';

/** Of a message; of the failure's message, as the status keeps it. */
const LONGEST = 4096;
const MOST_CHECKS = 128;

/** A receiver of the user's own: the alert as JSON, with the token as bearer where there is one. See docs/alerts.md. */
export const webhook: Notifier = {
  type: 'webhook',
  payload(alert, destination) {
    return { method: 'POST', url: destination.address, headers: bearer(destination), body: bodyOf(alert) };
  },
};

function bodyOf(alert: Alert): object {
  const { name, namespace, cluster, phase, severity, message, target, revision, images, triggeredBy, failure } = alert;
  return {
    ...{ name, namespace },
    ...(cluster !== undefined && { cluster }),
    ...{ phase, severity, message: oneLine(message, LONGEST), target: `${target.kind}/${target.name}` },
    ...(revision !== undefined && { revision }),
    ...(images.length > 0 && { image: oneLine(images.join(', '), LONGEST) }),
    ...(triggeredBy !== undefined && { triggeredBy: oneLine(triggeredBy, LONGEST) }),
    ...(failure !== undefined && {
      failure: {
        ...{ reason: failure.reason, message: oneLine(failure.message, LONGEST) },
        ...(failure.deadlineSeconds !== undefined && { deadlineSeconds: failure.deadlineSeconds }),
        checks: failure.checks.slice(0, MOST_CHECKS).map(checkOf),
      },
    }),
    timestamp: alert.at.toISOString(),
  };
}

function checkOf({ name, verdict, value, thresholdRange, message }: FailedCheck): object {
  return {
    ...{ name, verdict },
    ...(value !== undefined && { value }),
    ...(thresholdRange !== undefined && { threshold: thresholdRange }),
    ...(message !== undefined && { message }),
  };
}
