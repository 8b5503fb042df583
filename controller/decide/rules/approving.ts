// A person opens a gate that has no URL to be asked at, or shuts it for good.
import type { CanaryWebhook } from '../../../api/generated/canary.ts';
import { shortRevision } from '../../../api/revision.ts';
import { isGate } from '../hooks-at.ts';
import { byOf, type RequestedAction } from '../requested-action.ts';
import type { Situation } from '../situation.ts';
import { changed, iso } from '../status.ts';
import { askedFor, normal, warning } from '../texts.ts';
import { done, rejected, unchanged, type Verdict } from '../verdict.ts';
import { whyNotApprover } from './approvers.ts';
import { takenBack } from './failing.ts';

/** Whoever presses twice wants the gate opened that it waited at, and not the next one too. */
const ONE_PRESS_MS = 5000;

/** Counts for this run, and also before the gate is reached: another revision has to be approved anew. */
export function approve(situation: Situation, action: RequestedAction): Verdict {
  const { status, now, canaryTitle } = situation;
  const opened = action.gate === undefined ? justOpened(situation) : undefined;
  if (opened !== undefined) return unchanged(`gate ${opened} was opened only just: name the gate to open another`);
  const hook = gateOf(situation, action);
  if ('kind' in hook) return hook;
  const gate = hook.name;
  const { approvals = [], waitingFor } = status;
  const before = approvals.find((each) => each.gate === gate);
  if (before !== undefined) return unchanged(`gate ${gate} is open already: ${askedFor(before)}`);
  const why = whyNotApprover(situation, hook, action.requestedBy);
  if (why !== undefined) return rejected(why);
  const who = byOf(action);
  const approval = { gate, ...(who.by !== undefined && { by: who.by }), at: iso(now) };
  // Whoever waits there looks again at once.
  const change = waitingFor?.gate === gate ? { nextCheckAt: iso(now), waitingFor: undefined } : {};
  const text = `Approved gate ${gate} of ${canaryTitle}: ${askedFor(who)}`;
  const message = `gate ${gate} is open for revision ${shortRevision(status.lastAppliedSpec ?? '')}`;
  return done(changed(status, { ...change, approvals: [...approvals, approval] }), [normal('Approve', text)], message);
}

export function reject(situation: Situation, action: RequestedAction): Verdict {
  const hook = gateOf(situation, action);
  if ('kind' in hook) return hook;
  const gate = hook.name;
  const who = byOf(action);
  const message = `gate ${gate} was rejected: ${askedFor(who)}`;
  const how = { result: 'Failed', reason: 'Rejected', message, ...(who.by !== undefined && { by: who.by }) } as const;
  const text = `Rolling back ${situation.targetTitle} ${message}`;
  const { status, notes } = takenBack(situation, how, [warning('RollBack', text)]);
  return done(status, notes, `gate ${gate} is rejected, and the release has failed`);
}

function justOpened({ status: { approvals = [] }, now }: Situation): string | undefined {
  return approvals.find(({ at }) => Math.abs(now - Date.parse(at)) < ONE_PRESS_MS)?.gate;
}

/** The gate that is meant, or why there is none: without a name the one that is waited for, or the only one that is closed. */
function gateOf(situation: Situation, { gate, action }: RequestedAction): CanaryWebhook | Verdict {
  const { analysis, status } = situation;
  const gates = (analysis.webhooks ?? []).filter(isGate);
  const names = gates.flatMap(({ name, url }) => (url === undefined ? [name] : []));
  const there = names.length === 0 ? 'no gate has to be approved' : `there are ${names.join(', ')}`;
  if (status.phase === 'Promoting') {
    const message = 'it is past its gates and is being promoted: abort takes it back';
    return action === 'approve' && (gate === undefined || names.includes(gate))
      ? unchanged(message)
      : rejected(message);
  }
  const closed = names.filter((name) => !status.approvals?.some((approval) => approval.gate === name));
  const meant = gate ?? status.waitingFor?.gate ?? (closed.length === 1 ? closed[0] : undefined);
  if (meant === undefined) return rejected(`no gate is waited for, so name the one that is meant: ${there}`);
  const hook = gates.find(({ name }) => name === meant);
  if (hook === undefined) return rejected(`there is no gate ${meant}: ${there}`);
  if (hook.url === undefined) return hook;
  const instead = action === 'approve' ? 'and is opened there' : 'and abort ends the release';
  return rejected(`gate ${meant} is asked at its URL, ${instead}`);
}
