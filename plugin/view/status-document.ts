import { readableNames } from '../../api/names.ts';
import { causeOf } from './cause.ts';
import { checkRows } from './check-rows.ts';
import { gateRows } from './gate-rows.ts';
import type { SeenRelease } from './seen-release.ts';
import { releaseSteps } from './step-rows.ts';

/** The status of a release for programs: what the screen has, as values. Times are RFC 3339, durations milliseconds. */
export function statusDocument(
  { canary, workloads, events, mayOpenGates, unread }: SeenRelease,
  { now, events: count }: { readonly now: Date; readonly events: number },
): object {
  const { metadata, spec, status = {} } = canary;
  const { phase, lastTransitionTime, startedAt, triggeredBy, lastAppliedSpec, lastPromotedSpec, failedChecks } = status;
  const { desiredWeight, actualWeight, matchedOnly, mirrorWeight, nextCheckAt, paused, failure } = status;
  const { name, namespace } = metadata;
  return {
    ...{ name, namespace, target: readableNames(spec)?.target, provider: spec.provider },
    ...{ phase, lastTransitionTime, startedAt, triggeredBy },
    ...{ revision: lastAppliedSpec, promotedRevision: lastPromotedSpec },
    ...{ suspended: spec.suspend === true, paused, failure },
    weight: {
      desired: desiredWeight,
      actual: actualWeight,
      matchedOnly: matchedOnly === true,
      mirror: mirrorWeight ?? 0,
    },
    ...{ steps: releaseSteps(canary, now), failedChecks, nextCheckAt },
    checks: checkRows(canary),
    ...{ gates: gateRows(canary), mayOpenGates },
    workloads,
    events: events.slice(Math.max(0, events.length - count)),
    cause: causeOf(canary),
    unread,
  };
}
