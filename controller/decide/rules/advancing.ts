// What comes of checks: the next weight, promotion, or another try.
import { isMatched } from '../../../api/analysis.ts';
import type { CheckStatus, Metric } from '../../../api/generated/canary.ts';
import { revisionOf, shortRevision } from '../../../api/revision.ts';
import type { Decision, Note } from '../decision.ts';
import { APPROVAL, GATE_CLOSED } from '../hooks.ts';
import type { GateMoment } from '../hooks-at.ts';
import { withMeasurements } from '../measurements.ts';
import { type Step, stepAfter } from '../plan.ts';
import type { Situation } from '../situation.ts';
import { changed, inPhase, iso } from '../status.ts';
import { haltText, normal, warning } from '../texts.ts';
import { rolledBack } from './failing.ts';
import { gate, openedNotes } from './gates.ts';

/** What a release goes on to; `undefined` is its promotion. */
type Next = (Step & { readonly step: number }) | undefined;

/** To the next step, or to promotion when the last one has been passed; behind the gates of either. */
export function advance(
  situation: Situation,
  change: Partial<Situation['status']>,
  notes: readonly Note[],
  checks: readonly CheckStatus[] | undefined,
): Decision {
  const { plan, desiredWeight, status } = situation;
  const judged = checks && withMeasurements(checks, status);
  const passed = { ...situation, status: changed(status, { ...change, checks: judged }) };
  const next = stepAfter(plan, status.step ?? 0, desiredWeight);
  const gates = gatesBefore(situation, next);
  for (const moment of gates) {
    const held = moment === 'confirm-promotion' ? heldBeforePromotion(passed) : gate(passed, moment);
    if (held !== undefined) return held;
  }
  const opened = gates.includes('confirm-promotion') ? openedNotes(situation, 'confirm-promotion') : [];
  return next === undefined
    ? promotion(passed, {}, [...notes, ...opened])
    : stepped(passed, next, [...notes, ...opened]);
}

/** Who confirms a promotion by a switch confirms the switch, as it is what users meet. */
export function gatesBefore({ plan, desiredWeight }: Situation, next: Next): readonly GateMoment[] {
  const increases = next === undefined || next.weight > desiredWeight;
  const promotes = next === undefined ? plan.at(-1)?.isSwitch !== true : next.isSwitch;
  return [
    ...(increases ? ['confirm-traffic-increase' as const] : []),
    ...(promotes ? ['confirm-promotion' as const] : []),
  ];
}

function heldBeforePromotion(passed: Situation): Decision | undefined {
  const waits = gate(passed, 'confirm-promotion');
  return waits?.kind === 'wait' && [GATE_CLOSED, APPROVAL].includes(waits.status.waitingFor?.reason ?? '')
    ? { ...waits, status: inPhase({ ...passed, status: waits.status }, 'WaitingPromotion', {}) }
    : waits;
}

/** To a later step. */
export function stepped(situation: Situation, next: NonNullable<Next>, notes: readonly Note[]) {
  const { plan, now, analysis } = situation;
  const { step, weight, mirrorWeight } = next;
  const moved = changed(situation.status, {
    ...{ step, steps: plan.length, desiredWeight: weight, canaryWeight: weight },
    matchedOnly: weight > 0 && isMatched(analysis) ? true : undefined,
    mirrorWeight: mirrorWeight > 0 ? mirrorWeight : undefined,
    ...primaryCookie(situation, step),
    // Whatever was drained before, there are requests again.
    ...{
      stepStartedAt: iso(now),
      nextCheckAt: undefined,
      drainedAt: weight > 0 ? undefined : situation.status.drainedAt,
    },
    waitingFor: { reason: 'RouteAccepted', message: `weight ${weight} is on its way to the gateway` },
  });
  // Whoever was held before its promotion goes on when the plan has got longer.
  const status = inPhase({ ...situation, status: moved }, 'Progressing', {});
  return { kind: 'move', status, notes: [...notes, ...stepNotes(situation, next)] } as const;
}

/** The primary's clients are split anew at each step. */
function primaryCookie({ analysis, status }: Situation, step: number): Partial<Situation['status']> {
  const { primaryCookieName } = analysis.sessionAffinity ?? {};
  if (primaryCookieName === undefined || status.sessionAffinityCookie === undefined) return {};
  const value = shortRevision(revisionOf({ cookie: status.sessionAffinityCookie, step }));
  return { primarySessionAffinityCookie: `${primaryCookieName}=${value}` };
}

function stepNotes({ analysis, canaryTitle, status }: Situation, next: NonNullable<Next>): readonly Note[] {
  const { iterations } = analysis;
  const mirroring = (status.mirrorWeight ?? 0) > 0;
  const starts =
    next.mirrorWeight > 0 && !mirroring ? [normal('Mirror', `Start traffic mirroring to ${canaryTitle}`)] : [];
  const stops =
    next.mirrorWeight === 0 && mirroring ? [normal('Mirror', `Stop traffic mirroring to ${canaryTitle}`)] : [];
  const around = [...starts, ...stops];
  if (next.isSwitch) return [...around, normal('Advance', `Routing all traffic to canary ${canaryTitle}`)];
  if (iterations !== undefined)
    return [...around, normal('Advance', `Advance ${canaryTitle} canary iteration ${next.step}/${iterations}`)];
  return next.weight === 0
    ? around
    : [...around, normal('Advance', `Advance ${canaryTitle} canary weight ${next.weight}`)];
}

export function promotion(situation: Situation, change: Parameters<typeof inPhase>[2], notes: readonly Note[]) {
  const { targetTitle, primaryTitle } = situation;
  const over = { nextCheckAt: undefined, waitingFor: undefined, mirrorWeight: undefined };
  const status = inPhase(situation, 'Promoting', { ...change, ...over });
  const copying = normal('Promote', `Copying ${targetTitle} template spec to ${primaryTitle}`);
  return { kind: 'move', status, notes: [...notes, copying] } as const;
}

/** Something has not passed: counted or not, it is looked at again after an interval; or it was once too often. */
export function halted(situation: Situation, checks: readonly CheckStatus[]) {
  const { analysis, status, now, intervalMs, canaryTitle } = situation;
  const outcomes = checks.map((check) => ({ check, outcome: outcomeOf(check, analysis.metrics ?? []) }));
  const bad = outcomes.filter(({ outcome }) => outcome !== 'pass');
  const notes = bad.map(({ check }) => warning('Halt', haltText(canaryTitle, check)));
  const isCounted = bad.some(({ outcome }) => outcome === 'fail');
  const failedChecks = (status.failedChecks ?? 0) + (isCounted ? 1 : 0);
  const judged = withMeasurements(checks, status);
  const again = { checks: judged, failedChecks, nextCheckAt: iso(now + intervalMs), waitingFor: undefined };
  if (failedChecks >= analysis.threshold) {
    return rolledBack(
      situation,
      failedChecks,
      again,
      notes,
      bad.map(({ check }) => check),
    );
  }
  return { kind: 'move', status: changed(status, again), notes } as const;
}

/** What a verdict does, which for missing values is the user's to say. */
export function outcomeOf({ kind, verdict, name }: CheckStatus, metrics: readonly Metric[]): 'pass' | 'fail' | 'hold' {
  // A hook may have the name of a metric.
  const metric = kind === 'Metric' ? metrics.find((each) => each.name === name) : undefined;
  switch (verdict) {
    case 'Pass':
      return 'pass';
    case 'Fail':
      return 'fail';
    case 'Inconclusive':
      return 'hold';
    case 'NoData':
      return metric?.onNoData ?? 'fail';
    case 'Error':
      return metric?.onError ?? 'fail';
  }
}
