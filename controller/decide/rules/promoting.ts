// A person takes a release further than its checks have.
import { shortRevision } from '../../../api/revision.ts';
import { ask, hasPassed } from '../hooks.ts';
import { stepAfter } from '../plan.ts';
import { byOf, type RequestedAction } from '../requested-action.ts';
import type { Situation } from '../situation.ts';
import { changed, iso } from '../status.ts';
import { askedFor, normal } from '../texts.ts';
import { done, rejected, unchanged, type Verdict } from '../verdict.ts';
import { gatesBefore, promotion, stepped } from './advancing.ts';
import { whyNotApprover } from './approvers.ts';
import { unapprovedGate, unapprovedGates } from './gates.ts';

/** Whoever presses twice wants one step; the second says which step it wants. */
const ONE_PRESS_MS = 5000;

/** To the next step as if this one had passed, to a later one, or with `full` to the end. Never without ready pods. */
export function promote(situation: Situation, action: RequestedAction): Verdict {
  const { status, target, canaryReadiness } = situation;
  if (status.phase === 'Promoting') return unchanged('it is being promoted already');
  if (status.phase === 'Waiting') {
    const gate = unapprovedGate(situation, 'confirm-rollout') ?? 'confirm-rollout';
    return rejected(`it has no pods before gate ${gate} is open: promote leaves out checks, and approve opens gates`);
  }
  // Before all that may be so for a moment after a step.
  const pressed = action.full === true ? undefined : pressedTwice(situation, action);
  if (pressed !== undefined) return pressed;
  if (target === undefined || canaryReadiness === undefined) return rejected('there is no canary');
  if (target.unread !== undefined) return rejected(`what it is configured by is not known: ${target.unread.message}`);
  if (status.stalePods === true)
    return rejected('its pods are being replaced, as what they are configured by has changed');
  if (canaryReadiness.kind !== 'ready') return rejected(`the canary is not ready: ${canaryReadiness.message}`);
  return action.full === true ? promotedFully(situation, action) : promotedBySteps(situation, action);
}

/** It is not at the step any more that was seen; or it is, as whoever pressed has just come to it. */
function pressedTwice(situation: Situation, { fromStep, toStep }: RequestedAction): Verdict | undefined {
  const { step: current = 0 } = situation.status;
  if (fromStep !== undefined && fromStep < current) return unchanged(`it is at step ${current} by now`);
  if (fromStep !== undefined && fromStep > current) return rejected(`it is back at step ${current}`);
  const before = toStep === undefined ? justPromoted(situation) : undefined;
  if (before === undefined) return undefined;
  return unchanged(`${before} has only just gone on to step ${current}: name the step to go further at once`);
}

function promotedFully(situation: Situation, action: RequestedAction): Verdict {
  const { targetTitle, status } = situation;
  const left = (['confirm-traffic-increase', 'confirm-promotion'] as const).flatMap((moment) =>
    unapprovedGates(situation, moment),
  );
  for (const gate of left) {
    // All gates are left out, and this one is there because of who asks.
    const why = whyNotApprover(situation, gate, action.requestedBy);
    if (why !== undefined) return rejected(why);
  }
  const who = byOf(action);
  const text = `Promoting ${targetTitle} without the steps and checks that are left: ${askedFor(who)}`;
  const { notes, status: promoting } = promotion(situation, endOf(situation, who), [normal('Promote', text)]);
  return done(promoting, notes, `revision ${shortRevision(status.lastAppliedSpec ?? '')} is promoted`);
}

function promotedBySteps(situation: Situation, action: RequestedAction): Verdict {
  const { plan, desiredWeight, route, primaryReadiness, status, canaryTitle } = situation;
  const { toStep } = action;
  const current = status.step ?? 0;
  if (plan.length === 0) return rejected('spec.analysis has no steps');
  if (toStep !== undefined && toStep > plan.length) return rejected(`there are only ${plan.length} steps`);
  const next = toStep === undefined ? stepAfter(plan, current, desiredWeight) : stepAt(plan, toStep);
  const isNoFurther = next !== undefined && (next.weight < desiredWeight || next.step <= current);
  if (isNoFurther) return unchanged(`it is at step ${current} already`);
  if (primaryReadiness?.kind !== 'ready') {
    return rejected(`the primary is not ready: ${primaryReadiness?.message ?? 'it is not there'}`);
  }
  if (desiredWeight > 0 && (route.acceptance !== 'accepted' || route.canaryWeight !== desiredWeight)) {
    return rejected(`the gateway has not taken up weight ${desiredWeight} of step ${current} yet`);
  }
  const held = whatHolds(situation, gatesBefore(situation, next));
  if (held !== undefined) return held;
  const who = byOf(action);
  if (next === undefined) {
    const text = `Promoting ${situation.targetTitle} from its last step: ${askedFor(who)}`;
    const last = promotion(situation, endOf(situation, who), [normal('Promote', text)]);
    return done(last.status, last.notes, 'the last step is passed, it is promoted');
  }
  const going = { ...situation, status: changed(status, { paused: undefined, resumedAt: pausedTill(situation) }) };
  const text = `Step ${current} of ${canaryTitle} is passed: ${askedFor(who)}`;
  const moved = stepped(going, next, [normal('Promote', text)]);
  return done(moved.status, moved.notes, `step ${current} is passed, step ${next.step} has weight ${next.weight}`);
}

function stepAt(plan: Situation['plan'], step: number) {
  const there = plan[step - 1];
  return there === undefined ? undefined : { ...there, step };
}

function endOf(situation: Situation, who: ReturnType<typeof byOf>) {
  return { promotedBy: { ...who, at: iso(situation.now) }, paused: undefined, resumedAt: pausedTill(situation) };
}

function pausedTill({ status, now }: Situation): string | undefined {
  return status.paused === undefined ? status.resumedAt : iso(now);
}

/** The action by which this run came to its step only just now, if it did. */
function justPromoted({ status: { decisions = [], startedAt }, now }: Situation): string | undefined {
  const last = decisions.find(({ action, result }) => action === 'promote' && result === 'Done');
  const at = Date.parse(last?.at ?? '');
  return Math.abs(now - at) < ONE_PRESS_MS && at >= Date.parse(startedAt ?? '') ? last?.name : undefined;
}

/** Gates stay shut for everybody: a check is left out, a confirmation is not. */
function whatHolds(situation: Situation, moments: ReturnType<typeof gatesBefore>): Verdict | undefined {
  for (const moment of moments) {
    const gate = unapprovedGate(situation, moment);
    if (gate !== undefined) return rejected(`gate ${gate} is not approved yet`);
    const answer = ask(situation, moment);
    if (answer.kind === 'asked') {
      return answer.decision.kind === 'wait' ? { kind: 'later' } : { kind: 'asks', decision: answer.decision };
    }
    const closed = answer.checks.find((check) => !hasPassed(check));
    if (closed !== undefined) return rejected(`gate ${closed.name} is closed: ${closed.message ?? ''}`);
  }
  return undefined;
}
