// A release under way, up to the decision to promote it.
import { canarySize } from '../canary-size.ts';
import { heldByDrift } from '../drift.ts';
import type { Rule } from '../situation.ts';
import { changed, ending, FROM_THE_BEGINNING, inPhase, NO_TRAFFIC, newRun, remembered } from '../status.ts';
import { normal, warning } from '../texts.ts';
import { waiting } from '../wait.ts';
import { primaryHasGrown, primaryIsFull, primaryIsLetGo, scalerIsTrue } from './autoscaling.ts';
import { configsAreRead, stalePodsGo, stalePodsServeNobody } from './configs.ts';
import { failed, rolledBack } from './failing.ts';
import { gatesHaveAnswered, rollbackIsAsked, rolloutIsConfirmed } from './gates.ts';
import { isPaused } from './pausing.ts';
import {
  driftIsRestored,
  hasPod,
  outlivesItsCanary,
  primaryIsThere,
  routeIsTrue,
  servicesAreTrue,
} from './standing.ts';
import {
  analysisIsSkipped,
  firstStep,
  judged,
  measured,
  metricsAreOurs,
  planIsThere,
  routeIsGivenUp,
  routeIsTakenUp,
  stepIsHeld,
  weightsAreOfTheSame,
} from './steps.ts';

/** Whoever goes back to what the primary runs has nothing to release any more. */
const reverted: Rule = (situation) => {
  const { target, status, targetTitle } = situation;
  if (target?.revision !== status.lastPromotedSpec || target?.unread !== undefined) return undefined;
  const message = 'the target was brought back to the promoted revision';
  const how = { result: 'Reverted', reason: 'TargetReverted', message } as const;
  const notes = [
    normal('Revert', `Canary ${targetTitle} was brought back to the promoted revision! Routing all traffic to primary`),
  ];
  return { kind: 'move', status: ending(situation, how, NO_TRAFFIC), notes };
};

/** The canary's pods are becoming a revision that nobody has checked: no request is to meet it before anything else is done. */
const overtaken: Rule = ({ target, status, desiredWeight, route }) => {
  if (target?.revision === status.lastAppliedSpec) return undefined;
  if (desiredWeight > 0) {
    return { kind: 'move', status: changed(status, NO_TRAFFIC), notes: [] };
  }
  return route.isTrue ? undefined : { kind: 'act', effect: { kind: 'route', canaryWeight: 0 } };
};

/** What was measured is no longer what would be promoted: from the beginning. */
const restarted: Rule = (situation) => {
  const { target, status, targetTitle } = situation;
  if (target === undefined || target.revision === status.lastAppliedSpec) return undefined;
  if (target.unread !== undefined) return configsAreRead(situation);
  const { revision } = target;
  const past = remembered(situation, { result: 'Superseded', reason: 'NewRevision', message: 'another revision came' });
  return {
    kind: 'move',
    first: { kind: 'keep revision', revision },
    status: changed(newRun(situation, revision), past),
    notes: [normal('Restart', `New revision detected! Restarting analysis for ${targetTitle}`)],
  };
};

/** The pods of the new revision do not come up, and will not. */
const beyondSaving: Rule = (situation) => {
  const { canaryReadiness, status } = situation;
  // Before it is confirmed nobody has asked for pods.
  if (canaryReadiness?.kind !== 'failed' || status.phase === 'Waiting') return undefined;
  const { reason, message } = canaryReadiness;
  // Our own time stands still meanwhile, and begins anew with what goes on.
  if (status.paused !== undefined && reason === 'CanaryDeadlineExceeded') return undefined;
  return failed(situation, reason, message, [warning('RollBack', `Rolling back ${message}`)]);
};

/** Also when the threshold was lowered while the release was under way. */
const thresholdReached: Rule = (situation) => {
  const { status, analysis } = situation;
  const { failedChecks = 0 } = status;
  return failedChecks < analysis.threshold ? undefined : rolledBack(situation, failedChecks, {}, []);
};

const scaledUp: Rule = ({ target, primary, canary, status }) =>
  target?.replicas === 0
    ? {
        kind: 'act',
        effect: { kind: 'scale target', replicas: canarySize(canary.spec, status, primary?.replicas ?? 1) },
      }
    : undefined;

/** Requests to a canary without a pod fail: it has to earn its traffic from the beginning. */
const noPodLeft: Rule = (situation) => {
  const { target, desiredWeight, status, canaryTitle } = situation;
  if (desiredWeight === 0 || hasPod(target)) return undefined;
  const failedChecks = (status.failedChecks ?? 0) + 1;
  const text = `Halt ${canaryTitle} advancement no canary pod is available, routing all traffic to primary`;
  // One that was held before its promotion is no more.
  const fresh = inPhase(situation, 'Progressing', { ...FROM_THE_BEGINNING, failedChecks });
  return { kind: 'move', status: fresh, notes: [warning('Halt', text)] };
};

const canaryIsReady: Rule = ({ status, canaryReadiness, deadlineMs }) => {
  if (canaryReadiness?.kind !== 'progressing') return undefined;
  const { message, stalledSinceMs } = canaryReadiness;
  return waiting(status, {
    reason: 'CanaryReady',
    message,
    until: stalledSinceMs + deadlineMs,
    note: warning('WaitForCanary', message),
  });
};

/** More is not put at stake while the side that would take it back is not well. */
const primaryIsReady: Rule = ({ status, canary, names, primaryReadiness, canaryTitle }) => {
  if (canary.spec.skipAnalysis === true || primaryReadiness?.kind === 'ready') return undefined;
  const message = primaryReadiness?.message ?? `there is no Deployment ${names.primary}`;
  const note = warning('Halt', `Halt ${canaryTitle} advancement ${message}`);
  return waiting(status, { reason: 'PrimaryReady', message, note });
};

/** Nor while that side is not what was promoted: what is measured against it would say nothing. */
const primaryIsAsPromoted: Rule = (situation) => heldByDrift(situation);

export const RUN: readonly Rule[] = [
  reverted,
  overtaken,
  restarted,
  beyondSaving,
  thresholdReached,
  noPodLeft,
  stalePodsServeNobody,
  routeIsTrue,
  rollbackIsAsked,
  isPaused,
  rolloutIsConfirmed,
  stalePodsGo,
  scaledUp,
  primaryIsThere,
  outlivesItsCanary,
  driftIsRestored,
  servicesAreTrue,
  scalerIsTrue,
  primaryIsFull,
  primaryHasGrown,
  primaryIsLetGo,
  configsAreRead,
  canaryIsReady,
  primaryIsReady,
  primaryIsAsPromoted,
  analysisIsSkipped,
  planIsThere,
  weightsAreOfTheSame,
  firstStep,
  routeIsGivenUp,
  routeIsTakenUp,
  stepIsHeld,
  metricsAreOurs,
  gatesHaveAnswered,
  measured,
  judged,
];
