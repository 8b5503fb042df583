// The primary becomes what has passed its checks, and takes the traffic back.
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { isDrifted, rewritesAt, wasGiven } from '../drift.ts';
import { driftText } from '../drift-condition.ts';
import type { Rule } from '../situation.ts';
import { ALL_TRAFFIC, changed, ending, inPhase, isAllOnCanary, iso, NO_TRAFFIC } from '../status.ts';
import { askedFor, normal, warning } from '../texts.ts';
import { waiting } from '../wait.ts';
import { primaryIsFull, scalerIsPromoted, scalerIsTrue } from './autoscaling.ts';
import { staysOnCanary } from './failing.ts';
import { rollbackIsAsked } from './gates.ts';
import { hasPod, primaryIsThere, routeIsAccepted, routeIsTrue, servicesAreTrue } from './standing.ts';

/** Whoever goes back to the old revision while it is being replaced gets it back. */
const reverted: Rule = (situation) => {
  const { target, status, targetTitle } = situation;
  if (target?.revision !== status.lastPromotedSpec || target?.unread !== undefined) return undefined;
  const message = 'the target was brought back to the revision before while it was being promoted';
  const how = { result: 'Reverted', reason: 'TargetReverted', message } as const;
  // The canary's pods are becoming the old revision as well, and nobody has asked for fewer of them.
  const notes = [
    normal('Revert', `Canary ${targetTitle} was brought back during its promotion! Routing all traffic to primary`),
  ];
  const stays = staysOnCanary(situation);
  return { kind: 'move', status: ending(situation, how, stays ? {} : NO_TRAFFIC), notes };
};

/** The canary's pods are becoming a revision that nobody has checked. What passed is promoted all the same; it is kept. */
const overtaken: Rule = ({ target, status, desiredWeight, targetTitle }) => {
  if (desiredWeight === 0 || target?.revision === status.lastAppliedSpec) return undefined;
  const text = `New revision detected! Routing all traffic to primary until ${targetTitle} has been promoted and is analysed anew`;
  const change = { ...NO_TRAFFIC, stepStartedAt: undefined };
  return { kind: 'move', status: changed(status, change), notes: [warning('Promote', text)] };
};

/** Requests to a canary without a pod fail, and the primary has taken them before. */
const noPodLeft: Rule = ({ target, status, desiredWeight, targetTitle }) => {
  if (desiredWeight === 0 || hasPod(target)) return undefined;
  const text = `No pod of canary ${targetTitle} is available, routing all traffic to primary`;
  return { kind: 'move', status: changed(status, NO_TRAFFIC), notes: [warning('Promote', text)] };
};

/** A primary that may lose all of its pods while they are replaced is replaced while the canary, which is well, answers. */
const canaryStepsIn: Rule = (situation) => {
  const { primary, target, status, canaryReadiness, targetTitle } = situation;
  if (primary?.mayBeEmptied !== true || primary.revision === status.lastAppliedSpec) return undefined;
  if (canaryReadiness?.kind !== 'ready' || target?.revision !== status.lastAppliedSpec) return undefined;
  if (isAllOnCanary(status)) return routeIsTrue(situation) ?? routeIsAccepted(situation);
  const text = `The strategy of the primary may leave it without a pod, routing all traffic to canary ${targetTitle}`;
  const change = { ...ALL_TRAFFIC, waitingFor: undefined };
  return { kind: 'move', status: changed(status, change), notes: [normal('Promote', text)] };
};

/** Also where somebody has changed it since: what is promoted is what has passed. */
const primaryIsSet: Rule = (situation) => {
  const { status, now } = situation;
  const { lastAppliedSpec: revision } = status;
  if (revision === undefined) return undefined;
  const isGiven = wasGiven(situation, revision);
  if (isGiven && !isDrifted(situation)) return undefined;
  const until = isGiven ? rewritesAt(situation) : now;
  if (until <= now) return { kind: 'act', effect: { kind: 'set primary', revision } };
  const message = `${driftText(situation)}: it is written again`;
  return waiting(status, { reason: 'PrimaryDrifted', message, until, note: warning('Promote', message) });
};

/** Traffic stays on whichever side is well: with no pod of the primary left, that is the canary. */
export const canaryHelpsOut: Rule = ({ primary, target, status, targetTitle }) => {
  if (primary === undefined || primary.availableReplicas > 0 || isAllOnCanary(status)) return undefined;
  if (!hasPod(target) || target.revision !== status.lastAppliedSpec) return undefined;
  // While it is coming back to this revision, those that are there may be of one that nobody has checked.
  if (target.observedGeneration < target.generation || target.statusReplicas > target.updatedReplicas) return undefined;
  const text = `No primary pod is available, routing all traffic to canary ${targetTitle}`;
  return {
    kind: 'move',
    status: changed(status, ALL_TRAFFIC),
    notes: [warning('Promote', text)],
  };
};

/** The new revision does not come up as the primary: it gets its last good template back, and the release has failed. */
const primaryFails: Rule = (situation) => {
  const { primaryReadiness, primaryTitle, now } = situation;
  if (primaryReadiness?.kind !== 'failed') return undefined;
  const message = `${primaryTitle} did not come up with the new revision: ${primaryReadiness.message}`;
  const how = { result: 'Failed', reason: 'PrimaryNotReady', message } as const;
  const failure = { reason: 'PrimaryNotReady', message, failedAt: iso(now) };
  const notes = [warning('RollBack', `Rolling back ${primaryReadiness.message}`)];
  return { kind: 'move', status: ending(situation, how, { failure }), notes };
};

const primaryIsReady: Rule = ({ primaryReadiness, status, deadlineMs }) => {
  if (primaryReadiness?.kind !== 'progressing') return undefined;
  const { message, stalledSinceMs } = primaryReadiness;
  return waiting(status, {
    reason: 'PrimaryReady',
    message,
    until: stalledSinceMs + deadlineMs,
    note: warning('WaitForPrimary', message),
  });
};

/** Where asked for, the primary's new pods get their traffic back in steps. */
const steppedBack: Rule = (situation) => {
  const { analysis, status, desiredWeight, now, intervalMs, primaryTitle } = situation;
  const { stepWeightPromotion = 0 } = analysis;
  if (stepWeightPromotion === 0 || desiredWeight === 0) return undefined;
  // The first step back is made at once: the checks before it were about the canary.
  const isFirst = status.nextCheckAt === undefined;
  const due = isFirst ? now : Math.min(Date.parse(status.nextCheckAt ?? '') || now, now + intervalMs);
  if (due > now) {
    const message = `weight ${desiredWeight} is held, then the primary gets ${stepWeightPromotion} more`;
    // Written down, as a clock that was set back would put it off for ever.
    const held = changed(status, { nextCheckAt: iso(due) });
    return waiting(held, { reason: 'StepInterval', message, until: due });
  }
  const weight = desiredWeight - stepWeightPromotion;
  if (weight <= 0) return undefined;
  const change = {
    desiredWeight: weight,
    canaryWeight: weight,
    nextCheckAt: iso(now + intervalMs),
    waitingFor: undefined,
  };
  const notes = [normal('Promote', `Advance ${primaryTitle} primary weight ${100 - weight}`)];
  return { kind: 'move', status: changed(status, change), notes };
};

const promoted: Rule = (situation) => {
  const { status } = situation;
  const { promotedBy } = status;
  const how =
    promotedBy === undefined
      ? ({ result: 'Succeeded', reason: 'Promoted', message: 'every check has passed' } as const)
      : ({ result: 'Succeeded', reason: 'PromotedByHand', ...personal(promotedBy) } as const);
  const over = ending(situation, how, { ...NO_TRAFFIC, lastPromotedSpec: status.lastAppliedSpec });
  const notes = [normal('Promote', 'Routing all traffic to primary')];
  return { kind: 'move', status: inPhase({ ...situation, status: over }, 'Finalising', {}), notes };
};

function personal(person: NonNullable<CanaryStatus['promotedBy']>) {
  return { message: askedFor(person), ...(person.by !== undefined && { by: person.by }) };
}

export const PROMOTION: readonly Rule[] = [
  reverted,
  overtaken,
  noPodLeft,
  routeIsTrue,
  rollbackIsAsked,
  primaryIsThere,
  canaryStepsIn,
  scalerIsPromoted,
  scalerIsTrue,
  primaryIsFull,
  primaryIsSet,
  canaryHelpsOut,
  primaryFails,
  servicesAreTrue,
  primaryIsReady,
  routeIsAccepted,
  steppedBack,
  promoted,
];
