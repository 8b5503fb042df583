// Between releases.

import { heldByDrift, isDrifted, wasGiven } from '../drift.ts';
import type { Rule, Situation } from '../situation.ts';
import { changed, inPhase, newRun } from '../status.ts';
import { normal } from '../texts.ts';
import { primaryIsFull, primaryIsLetGo, scalerIsCopied, scalerIsGivenUp, scalerIsTrue } from './autoscaling.ts';
import { configsAreRead, copiesAreThere } from './configs.ts';
import {
  driftIsRestored,
  heldBy,
  outlivesItsCanary,
  primaryIsThere,
  routeIsAccepted,
  routeIsTrue,
  servicesAreTrue,
} from './standing.ts';

/** The target is at a revision that is neither the primary's nor the one that has just failed. */
const start: Rule = (situation) => {
  const { target, status, refusals, targetTitle } = situation;
  if (target === undefined || target.revision === status.lastPromotedSpec) return undefined;
  // Nothing was found wrong with a revision whose target was deleted under it.
  const isJudged = status.phase === 'Failed' && status.failure?.reason !== 'TargetMissing';
  const hasFailed = isJudged && target.revision === status.lastAppliedSpec;
  if (hasFailed && !isAskedAgain(situation)) return undefined;
  const [refusal] = refusals;
  if (refusal !== undefined) return heldBy(situation, refusal);
  const held = heldByDrift(situation);
  if (held !== undefined) return held;
  const { revision } = target;
  return {
    kind: 'move',
    first: { kind: 'keep revision', revision },
    status: newRun(situation, revision),
    notes: [normal('Start', `New revision detected! Scaling up ${targetTitle}`)],
  };
};

/** The pod template was changed since the release that failed, and somebody brought it back to the same revision. */
function isAskedAgain({ target, status }: Situation): boolean {
  const { change, templateRevision } = target ?? {};
  const before = Date.parse(status.triggeredBy?.changedAt ?? status.startedAt ?? '');
  return change !== undefined && change.revision === templateRevision && Date.parse(change.changedAt) > before;
}

/** After a failure the target was brought back to what the primary runs: nothing is left that was not promoted. */
const broughtBack: Rule = (situation) => {
  const { target, status } = situation;
  if (status.phase !== 'Failed' || target?.revision !== status.lastPromotedSpec) return undefined;
  const { lastPromotedSpec } = status;
  const change = { lastAppliedSpec: lastPromotedSpec, failure: undefined, waitingFor: undefined, checks: undefined };
  return { kind: 'move', status: inPhase(situation, 'Succeeded', change), notes: [] };
};

/** The primary has what was promoted last, also where somebody wrote another revision on it. */
const primaryIsTrue: Rule = (situation) => {
  const { primary, status } = situation;
  const { lastPromotedSpec } = status;
  if (primary === undefined || lastPromotedSpec === undefined || wasGiven(situation, lastPromotedSpec))
    return undefined;
  // What somebody has written beside it is not overwritten without being asked.
  if (isDrifted(situation)) return undefined;
  return { kind: 'act', effect: { kind: 'set primary', revision: lastPromotedSpec } };
};

/**
 * A change that started pods and was taken back before we heard of it leaves them behind. Pods that somebody scaled up at rest
 * are that person's: no change of the template came with them.
 */
const takenBack: Rule = (situation) => {
  const { target, status } = situation;
  if (target === undefined || target.replicas === 0 || target.change === undefined) return undefined;
  if (target.revision !== status.lastPromotedSpec || target.change.revision !== target.templateRevision)
    return undefined;
  const ended = Date.parse(status.history?.[0]?.finishedAt ?? status.lastTransitionTime ?? '');
  if (!(Date.parse(target.change.changedAt) >= ended)) return undefined;
  // They may have been given requests by hand.
  return routeIsAccepted(situation) ?? { kind: 'act', effect: { kind: 'scale target', replicas: 0 } };
};

/** What somebody has to put right is said before a release needs it. */
const nothingToDo: Rule = (situation) =>
  heldByDrift(situation, false) ?? { kind: 'wait', status: changed(situation.status, { waitingFor: undefined }) };

export const REST: readonly Rule[] = [
  routeIsTrue,
  servicesAreTrue,
  broughtBack,
  primaryIsThere,
  outlivesItsCanary,
  driftIsRestored,
  primaryIsTrue,
  scalerIsGivenUp,
  scalerIsCopied,
  primaryIsLetGo,
  scalerIsTrue,
  primaryIsFull,
  configsAreRead,
  start,
  copiesAreThere,
  takenBack,
  nothingToDo,
];
