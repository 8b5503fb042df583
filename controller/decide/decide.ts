import { hasNewsOfConfigs, tellingConfigs } from './configs.ts';
import type { Decision, Moves, Waits } from './decision.ts';
import { recordedPrimary } from './drift.ts';
import { holdingPrimary } from './held-primary.ts';
import { hooksAt } from './hooks-at.ts';
import type { Observation } from './observation.ts';
import { actionIsDecided, answeredBeforeItGoes } from './rules/actions.ts';
import { BOOTSTRAP, isBootstrapped } from './rules/bootstrap.ts';
import { DELETION, leftInPlace } from './rules/deletion.ts';
import { ENDING } from './rules/ending.ts';
import { PROMOTION } from './rules/promotion.ts';
import { REST } from './rules/rest.ts';
import { RUN } from './rules/run.ts';
import { refused, rereadTarget, suspended, targetMissing } from './rules/standing.ts';
import { firstOf, isRunning, type Rule, type Situation, situationOf } from './situation.ts';
import { completed } from './status.ts';
import { warning } from './texts.ts';
import { waiting } from './wait.ts';

/** Nothing else is done about what is going. */
const beingDeleted: Rule = (situation) =>
  situation.canary.metadata.deletionTimestamp === undefined
    ? undefined
    : (firstOf(DELETION, situation) ?? { kind: 'wait', status: situation.status });

const bootstrap: Rule = (situation) =>
  isBootstrapped(situation.status.lastPromotedSpec) ? undefined : firstOf(BOOTSTRAP, situation);

const end: Rule = (situation) => (situation.status.ending === undefined ? undefined : firstOf(ENDING, situation));

const promote: Rule = (situation) =>
  situation.status.phase === 'Promoting' ? firstOf(PROMOTION, situation) : undefined;

const run: Rule = (situation) => (isRunning(situation.status) ? firstOf(RUN, situation) : undefined);

const rest: Rule = (situation) => firstOf(REST, situation);

/** Read from top to bottom: the first that has something to say decides. */
const CHAIN: readonly Rule[] = [
  answeredBeforeItGoes,
  beingDeleted,
  rereadTarget,
  actionIsDecided,
  refused,
  suspended,
  targetMissing,
  bootstrap,
  end,
  promote,
  run,
  rest,
];

/**
 * What is to be done next about a canary. Total and pure: the same observation at the same time gives the same decision, and
 * every observation gives one. Whoever acts on it observes and decides again, until it says to wait.
 *
 * @param now milliseconds since 1970
 */
export function decide(observation: Observation, now: number): Decision {
  const recorded = recordedPrimary(situationOf(observation, now));
  if (recorded.first !== undefined) return recorded.first;
  const { situation, notes: ofPrimary } = recorded;
  const { status } = situation;
  const next = holdingPrimary(situation, firstOf(CHAIN, situation) ?? { kind: 'wait', status });
  // A move writes it down with all else.
  const isNews = next.kind !== 'move' && (hasNewsOfConfigs(situation) || ofPrimary.length > 0);
  const decision: Decision = isNews ? { kind: 'move', status, notes: [] } : next;
  if (decision.kind === 'act') return decision;
  const told = decision.kind === 'move' ? { ...decision, notes: [...ofPrimary, ...decision.notes] } : decision;
  const whole = tellingConfigs(situation, { ...told, status: completed(situation, told.status) });
  return whole.kind === 'wait' ? untilPrimaryIsLetGo(untilRollbackIsAsked(situation, whole), now) : whole;
}

/** Whatever else is waited for, the primary's autoscaler is not held for longer than it has to be. */
function untilPrimaryIsLetGo(wait: Waits, now: number): Waits {
  const until = Date.parse(wait.status.primaryHeldUntil ?? '');
  return until > now ? { ...wait, until: Math.min(wait.until ?? until, until) } : wait;
}

/** A rollback hook is asked once an interval, also while something else is waited for. */
function untilRollbackIsAsked(situation: Situation, wait: Waits): Waits {
  const { now, intervalMs, status, canary } = situation;
  if (!isRunning(status) && status.phase !== 'Promoting') return wait;
  if (status.ending !== undefined || canary.spec.suspend === true) return wait;
  if (hooksAt(situation, 'rollback').length === 0) return wait;
  const next = (Math.floor(now / intervalMs) + 1) * intervalMs;
  return { ...wait, until: Math.min(wait.until ?? next, next) };
}

/**
 * A write that the API server refuses, and will again: what is waited for is that somebody mends it.
 *
 * @param message the API server's own, with the object and what is wrong with it
 * @param reason one word in CamelCase, where it is not the API server that refuses
 * @returns `undefined` where nothing is left to decide: then only trying again helps
 */
export function refusedWrite(
  observation: Observation,
  now: number,
  message: string,
  reason = 'WriteRefused',
): Moves | Waits | undefined {
  const situation = situationOf(observation, now);
  if (observation.canary.metadata.deletionTimestamp !== undefined) {
    const left = leftInPlace(situation, message);
    return left && { ...left, status: completed(situation, left.status) };
  }
  const note = warning('Hold', `Halt ${situation.canaryTitle} advancement ${message}`);
  const wait = waiting(situation.status, { reason, message, note });
  return { ...wait, status: completed(situation, wait.status) };
}
