// The release is over: its traffic leaves, its pods go, and the status says how it ended.
import type { CheckStatus, FinishedRun } from '../../../api/generated/canary.ts';
import type { Note } from '../decision.ts';
import { isDrifted, wasGiven } from '../drift.ts';
import { ask, hasPassed } from '../hooks.ts';
import type { Rule, Situation } from '../situation.ts';
import { changed, inPhase, iso, NO_RUN, NO_TRAFFIC, remembered } from '../status.ts';
import { normal, warning } from '../texts.ts';
import { waiting } from '../wait.ts';
import { primaryIsFull, scalerIsRestored, scalerIsTrue } from './autoscaling.ts';
import { canaryHelpsOut } from './promotion.ts';
import { hasPod, primaryIsThere, routeIsAccepted, routeIsTrue, trafficIsDrained } from './standing.ts';

/** The traffic of a promotion that failed stays where it is until the primary is well again, unless the canary is worse. */
const noPodLeft: Rule = (situation) => {
  const { target, status, desiredWeight } = situation;
  if (desiredWeight === 0 || (hasPod(target) && isOfThisRun(situation))) return undefined;
  return { kind: 'move', status: changed(status, NO_TRAFFIC), notes: [] };
};

/** A promotion that was not finished is undone. */
const primaryIsRestored: Rule = (situation) => {
  const { primary, status } = situation;
  const { lastPromotedSpec } = status;
  if (primary === undefined || lastPromotedSpec === undefined || wasGiven(situation, lastPromotedSpec))
    return undefined;
  // Before its promotion has begun, what somebody has written into it is not overwritten without being asked.
  if (isDrifted(situation) && status.primary?.revision === lastPromotedSpec) return undefined;
  return { kind: 'act', effect: { kind: 'set primary', revision: lastPromotedSpec } };
};

const primaryIsReady: Rule = ({ primaryReadiness, desiredWeight, status }) => {
  if (desiredWeight === 0 || primaryReadiness === undefined || primaryReadiness.kind === 'ready') return undefined;
  const { message } = primaryReadiness;
  return waiting(status, { reason: 'PrimaryReady', message, note: warning('WaitForPrimary', message) });
};

const trafficGoesBack: Rule = ({ status, desiredWeight }) =>
  desiredWeight === 0
    ? undefined
    : {
        kind: 'move',
        status: changed(status, NO_TRAFFIC),
        notes: [normal('RollBack', 'Routing all traffic to primary')],
      };

const drained: Rule = (situation) => (hasPodsToGo(situation) ? trafficIsDrained(situation) : undefined);

const scaledDown: Rule = (situation) =>
  hasPodsToGo(situation) ? { kind: 'act', effect: { kind: 'scale target', replicas: 0 } } : undefined;

/** Pods of a revision that has come since are the next release's. */
function hasPodsToGo({ target, status }: Situation): boolean {
  return target !== undefined && target.replicas > 0 && isOfThisRun({ target, status });
}

/** Not of a revision that has come since, and that nobody has checked. */
function isOfThisRun({ target, status }: Pick<Situation, 'target' | 'status'>): boolean {
  return target?.revision === status.lastAppliedSpec || target?.revision === status.lastPromotedSpec;
}

const finish: Rule = (situation) => {
  const { status, targetTitle, canaryTitle } = situation;
  const { result, reason, message, by } = status.ending ?? UNKNOWN;
  // Nobody has been served by a revision that was taken back.
  const after = result === 'Reverted' ? undefined : ask(situation, 'post-rollout');
  if (after?.kind === 'asked') return after.decision;
  const past = remembered(situation, { result, reason, message, ...(by !== undefined && { by }) });
  const hasFailed = result === 'Failed' || result === 'Aborted';
  const change = {
    ...{ ...NO_RUN, ...past, checks: status.checks, step: status.step },
    // What the primary runs is what the target is at.
    ...(result === 'Reverted' ? { lastAppliedSpec: status.lastPromotedSpec, failure: undefined } : {}),
  };
  const failure = hasFailed ? (status.failure ?? { reason, message, failedAt: iso(situation.now) }) : undefined;
  const phase = hasFailed ? 'Failed' : 'Succeeded';
  const finished = inPhase(situation, phase, { ...change, failure }, hasFailed ? message : undefined);
  return {
    kind: 'move',
    status: finished,
    notes: [lastWord(result, targetTitle), ...afterwards(canaryTitle, after?.checks ?? [])],
  };
};

/** Of a status that somebody wrote. */
const UNKNOWN: NonNullable<Situation['status']['ending']> = { result: 'Aborted', reason: 'Unknown', message: '' };

function afterwards(title: string, checks: readonly CheckStatus[]): readonly Note[] {
  const failures = checks.filter((check) => !hasPassed(check));
  return failures.map(({ name, message = '' }) =>
    warning('Hook', `Post-rollout hook ${name} of ${title} failed: ${message}`),
  );
}

function lastWord(result: FinishedRun['result'], title: string): Note {
  switch (result) {
    case 'Succeeded':
    case 'Superseded':
      return normal('Finish', `Promotion completed! Scaling down ${title}`);
    case 'Reverted':
      return normal('Finish', `Canary ${title} is at the promoted revision again! Scaling down ${title}`);
    case 'Failed':
    case 'Aborted':
      return warning('Finish', `Canary failed! Scaling down ${title}`);
  }
}

/** Of a promotion that is undone: traffic that has left the canary does not come back to it. */
const canaryStillHelpsOut: Rule = (situation) => (situation.desiredWeight > 0 ? canaryHelpsOut(situation) : undefined);

export const ENDING: readonly Rule[] = [
  noPodLeft,
  routeIsTrue,
  primaryIsThere,
  primaryIsRestored,
  canaryStillHelpsOut,
  scalerIsRestored,
  scalerIsTrue,
  primaryIsFull,
  primaryIsReady,
  trafficGoesBack,
  routeIsAccepted,
  drained,
  scaledDown,
  finish,
];
