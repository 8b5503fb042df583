// When hooks are called, and what their answers do to a release. They are called beside the loop, as one may take hours: a
// decision asks a question, goes on waiting for other things too, and finds the answer in a later observation.
import type { CheckStatus } from '../../api/generated/canary.ts';
import type { Decision, Note } from './decision.ts';
import { type GateMoment, type HookMoment, hooksAt } from './hooks-at.ts';
import type { Situation } from './situation.ts';
import { normal, warning } from './texts.ts';
import { waiting } from './wait.ts';

export type Answer =
  | { readonly kind: 'answered'; readonly checks: readonly CheckStatus[] }
  | { readonly kind: 'asked'; readonly decision: Decision };

/**
 * What the hooks of a moment say, or the decision that asks them. The same question is asked once: it is of a revision, a step
 * and a try, so that an answer which comes after another change opens nothing.
 */
export function ask(situation: Situation, moment: HookMoment): Answer {
  const { status, answers } = situation;
  if (hooksAt(situation, moment).length === 0) return { kind: 'answered', checks: [] };
  const question = questionOf(situation, moment);
  const answer = answers[question];
  if (answer === undefined)
    return { kind: 'asked', decision: { kind: 'act', effect: { kind: 'call hooks', moment, question } } };
  if (answer !== 'under way') return { kind: 'answered', checks: answer };
  const names = hooksAt(situation, moment).map(({ name }) => name);
  const message = `${moment} hook ${names.join(', ')} has not answered yet`;
  return { kind: 'asked', decision: waiting(status, { reason: 'HookRunning', message, ...stillClosed(status) }) };
}

export const GATE_CLOSED = 'GateClosed';
/** A gate without a URL, which a person opens. */
export const APPROVAL = 'Approval';

/** A gate that is being asked again is still what is waited for: it is not told each time that it is closed. */
export function stillClosed({ waitingFor }: Situation['status']): {
  readonly reason?: string;
  readonly message?: string;
  readonly gate?: string | undefined;
} {
  if (waitingFor?.reason !== GATE_CLOSED && waitingFor?.reason !== APPROVAL) return {};
  const { reason, message = '', gate } = waitingFor;
  return { reason, message, gate };
}

export function isUnderWay(situation: Situation, moment: HookMoment): boolean {
  return hooksAt(situation, moment).length > 0 && situation.answers[questionOf(situation, moment)] === 'under way';
}

function questionOf({ status }: Situation, moment: HookMoment): string {
  // What prepares a release, and has passed, is not asked again at each try of the gate that comes after it.
  const nextTry = moment === 'pre-rollout' ? status.failedChecks : status.nextCheckAt;
  return [moment, status.lastAppliedSpec, status.startedAt, status.step, nextTry].join(' ');
}

export function hasPassed({ verdict }: CheckStatus): boolean {
  return verdict === 'Pass';
}

export function passedNotes(moment: HookMoment, checks: readonly CheckStatus[]): readonly Note[] {
  const title = moment.charAt(0).toUpperCase() + moment.slice(1);
  return checks.map(({ name }) => normal('Hook', `${title} check ${name} passed`));
}

/** Why a gate holds the release up: `Halt podinfo.test advancement waiting for approval gate`. */
export function closedNotes(moment: GateMoment, title: string, checks: readonly CheckStatus[]): readonly Note[] {
  return checks
    .filter((check) => !hasPassed(check))
    .map(({ name, message = '' }) => warning('Hook', `${waitingText(moment, title, name)}: ${message}`));
}

/** The same of a gate that a person opens. */
export function waitingText(moment: GateMoment, title: string, name: string): string {
  return `Halt ${title} advancement waiting for ${APPROVAL_OF[moment]} ${name}`;
}

const APPROVAL_OF: Readonly<Record<GateMoment, string>> = {
  'confirm-rollout': 'approval',
  'confirm-traffic-increase': 'traffic increase approval',
  'confirm-promotion': 'promotion approval',
};
