// What is asked of hooks before a release goes on, and whether somebody wants it back.
import type { CanaryWebhook } from '../../../api/generated/canary.ts';
import { shortRevision } from '../../../api/revision.ts';
import type { Decision, Note, Waits } from '../decision.ts';
import { APPROVAL, ask, closedNotes, GATE_CLOSED, hasPassed, isUnderWay, passedNotes, waitingText } from '../hooks.ts';
import { type GateMoment, gatesAt, type HookMoment, hooksAt } from '../hooks-at.ts';
import type { Rule, Situation } from '../situation.ts';
import { changed, inPhase, iso } from '../status.ts';
import { normal, warning } from '../texts.ts';
import { waiting } from '../wait.ts';
import { approversText } from './approvers.ts';
import { takenBack } from './failing.ts';
import { primaryIsThere, routeIsAccepted, routeIsTrue, servicesAreTrue, trafficIsDrained } from './standing.ts';

/** A release that has to be confirmed has no pods before it is. */
export const rolloutIsConfirmed: Rule = (situation) => {
  const { status, now, targetTitle } = situation;
  if (status.phase !== 'Waiting') return undefined;
  // It may take days, in which the primary serves.
  const standing = primaryIsThere(situation) ?? servicesAreTrue(situation);
  if (standing !== undefined) return standing;
  // Those of the revision before are replaced with this one, which nobody has confirmed.
  if ((situation.target?.replicas ?? 0) > 0) {
    const scaleDown = { kind: 'act', effect: { kind: 'scale target', replicas: 0 } } as const;
    return routeIsTrue(situation) ?? routeIsAccepted(situation) ?? trafficIsDrained(situation) ?? scaleDown;
  }
  const unapproved = approvalIsAwaited(situation, 'confirm-rollout');
  if (unapproved !== undefined) return unapproved;
  const again = Date.parse(status.nextCheckAt ?? '');
  if (again > now) return waiting(status, closed('confirm-rollout', Math.min(again, now + situation.intervalMs)));
  const held = gate(situation, 'confirm-rollout');
  if (held !== undefined) return held;
  const confirmed = inPhase(situation, 'Progressing', {
    drainedAt: undefined,
    nextCheckAt: undefined,
    waitingFor: undefined,
  });
  const notes = [
    ...openedNotes(situation, 'confirm-rollout'),
    normal('Start', `Rollout of ${targetTitle} is confirmed! Scaling up`),
  ];
  return { kind: 'move', status: confirmed, notes };
};

/** Somebody outside wants it back. Asked once an interval, whatever else is waited for. */
export const rollbackIsAsked: Rule = (situation) => {
  const { status, now, intervalMs, targetTitle, answers } = situation;
  if (hooksAt(situation, 'rollback').length === 0) return undefined;
  const run = ['rollback', status.lastAppliedSpec, status.startedAt, ''].join(' ');
  const asked = Object.entries(answers).filter(([question]) => question.startsWith(run));
  // Also one that took longer than an interval is heard.
  const hook = asked.flatMap(([, answer]) => (answer === 'under way' ? [] : answer)).find(hasPassed);
  if (hook === undefined) {
    const question = `${run}${Math.floor(now / intervalMs)}`;
    const isAsked = answers[question] !== undefined || asked.some(([, answer]) => answer === 'under way');
    return isAsked ? undefined : { kind: 'act', effect: { kind: 'call hooks', moment: 'rollback', question } };
  }
  const message = `rollback hook ${hook.name} asked for it`;
  const how = { result: 'Failed', reason: 'RollbackHook', message } as const;
  return takenBack(situation, how, [warning('RollBack', `Rolling back ${targetTitle} ${message}`)]);
};

/** What passed is not measured again for each thing that happens while a gate is being asked about it. */
export const gatesHaveAnswered: Rule = (situation) => {
  for (const moment of ['confirm-traffic-increase', 'confirm-promotion'] as const) {
    if (isUnderWay(situation, moment)) return gate(situation, moment);
  }
  return undefined;
};

/** What holds a release up at a gate: the question, the wait for its answer, or that it is closed; nothing when it is open. */
export function gate(situation: Situation, moment: GateMoment): Decision | undefined {
  const { status, now, intervalMs, canaryTitle } = situation;
  // What was measured before it is measured again meanwhile, as at a gate that is closed.
  const again = { ...situation, status: changed(status, { nextCheckAt: iso(now + intervalMs) }) };
  const unapproved = approvalIsAwaited(again, moment, now + intervalMs);
  if (unapproved !== undefined) return unapproved;
  const answer = ask(situation, moment);
  if (answer.kind === 'asked') return answer.decision;
  if (answer.checks.every(hasPassed)) return undefined;
  const until = now + intervalMs;
  const [note] = closedNotes(moment, canaryTitle, answer.checks);
  const held = changed(status, { nextCheckAt: iso(until) });
  return waiting(held, { ...closed(moment, until), ...(note !== undefined && { note }) });
}

/** A gate without a URL is opened by a person, for this run; the first that is not. */
export function unapprovedGate(situation: Situation, moment: GateMoment): string | undefined {
  return unapprovedGates(situation, moment)[0]?.name;
}

export function unapprovedGates(situation: Situation, moment: GateMoment): readonly CanaryWebhook[] {
  const { approvals = [] } = situation.status;
  const isAwaited = ({ name, url }: CanaryWebhook) =>
    url === undefined && !approvals.some(({ gate: approved }) => approved === name);
  return gatesAt(situation, moment).filter(isAwaited);
}

function approvalIsAwaited(situation: Situation, moment: GateMoment, until?: number): Waits | undefined {
  const { status, canaryTitle } = situation;
  const [awaited] = unapprovedGates(situation, moment);
  if (awaited === undefined) return undefined;
  const { name } = awaited;
  const revision = shortRevision(status.lastAppliedSpec ?? '');
  const message = `gate ${name} is opened by a CanaryAction that approves it for revision ${revision}${approversText(awaited)}`;
  const note = warning('Hook', waitingText(moment, canaryTitle, name));
  return waiting(status, { reason: APPROVAL, message, gate: name, until, note });
}

function closed(moment: GateMoment, until: number) {
  return { reason: GATE_CLOSED, message: `the ${moment} gate is closed, and is asked again then`, until };
}

export function openedNotes(situation: Situation, moment: HookMoment): readonly Note[] {
  const answer = ask(situation, moment);
  return answer.kind === 'answered' ? passedNotes(moment, answer.checks) : [];
}
