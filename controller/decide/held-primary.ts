// Whoever takes all the traffic back must not have fewer pods than when it gave some away. While a part of its requests is the
// canary's, an autoscaler sees an idle primary and takes pods from it; when all of them come back, too few are there.
import type { CanaryStatus } from '../../api/generated/canary.ts';
import type { Decision } from './decision.ts';
import type { Situation } from './situation.ts';
import { changed, iso } from './status.ts';

/** An autoscaler acts on what it has seen: metrics are up to a minute old. */
const METRICS_MS = 60_000;

/**
 * The same decision, with the primary held at the size that it has: noted in the very status that first gives the canary
 * traffic, and in its autoscaler before the route says so. Here and not in a rule, so that no rule that gives the canary
 * traffic can forget it.
 */
export function holdingPrimary(situation: Situation, decision: Decision): Decision {
  const { autoscaler, route, status, primary } = situation;
  if (autoscaler === undefined || status.scaler === undefined) return decision;
  if (decision.kind !== 'act') return { ...decision, status: held(situation, decision.status) };
  const { effect } = decision;
  const givesTraffic = effect.kind === 'route' && effect.canaryWeight > 0 && (route.canaryWeight ?? 0) === 0;
  // A primary without a pod is not helped by waiting: requests fail meanwhile.
  const isInNeed = (primary?.availableReplicas ?? 0) === 0;
  return givesTraffic && !autoscaler.isTrue && !isInNeed
    ? { kind: 'act', effect: { kind: 'apply autoscaler' } }
    : decision;
}

function held(situation: Situation, status: CanaryStatus): CanaryStatus {
  const { primary, desiredWeight: before, route, now } = situation;
  const { desiredWeight = 0, primaryReplicas = 0 } = status;
  if (desiredWeight > 0) {
    const most = before === 0 ? Math.max(primaryReplicas, primary?.replicas ?? 0) : primaryReplicas;
    return changed(status, { primaryReplicas: most === 0 ? undefined : most, primaryHeldUntil: undefined });
  }
  // The traffic that a first primary is held for has yet to come.
  if (primaryReplicas === 0 || status.phase === 'Initializing') return status;
  // From when the gateway has taken up that the primary has all of it.
  const isBack = (route.canaryWeight ?? 0) === 0 && route.acceptance === 'accepted';
  if (!isBack) return changed(status, { primaryHeldUntil: undefined });
  // No longer than that, also when a clock was set back.
  const longest = now + holdMs(status);
  const until = Math.min(Date.parse(status.primaryHeldUntil ?? '') || longest, longest);
  return changed(status, { primaryHeldUntil: iso(until) });
}

/** Until what the autoscaler looks back at is a primary with all of its traffic. */
function holdMs({ scaler }: CanaryStatus): number {
  return Math.max(METRICS_MS, (scaler?.scaleDownSeconds ?? 0) * 1000);
}
