import { analysisOf } from '../../api/analysis.ts';
import type { Canary, CanaryWebhook, CheckStatus, WaitingFor } from '../../api/generated/canary.ts';
import { APPROVAL, GATE_CLOSED, hasPassed } from '../decide/hooks.ts';
import { momentOf } from '../decide/hooks-at.ts';

/** A gate that a release waits at. */
export interface ClosedGate {
  readonly moment: GateMoment;
  /** Another one for another wait: that a gate is found closed again is none. */
  readonly key: string;
  /** Those that hold it, as far as it is known, with what they said. */
  readonly hooks: readonly { readonly name: string; readonly message?: string }[];
  /** Whether all of them are to be waited for in silence. */
  readonly isMuted: boolean;
}

type GateMoment = (typeof MOMENTS)[number];
type Answers = Readonly<Record<string, readonly CheckStatus[] | 'under way'>>;

const MOMENTS = ['confirm-rollout', 'confirm-traffic-increase', 'confirm-promotion'] as const;

/**
 * The gate that the status of a canary says is closed.
 *
 * @param answers what hooks said last; without any, each hook of the moment may be the closed one
 */
export function closedGate({ spec, status: { waitingFor } = {} }: Canary, answers: Answers): ClosedGate | undefined {
  const hooks = () => analysisOf(spec).webhooks ?? [];
  if (waitingFor?.reason === APPROVAL) return personsGate(waitingFor, hooks());
  if (waitingFor?.reason === GATE_CLOSED) return askedGate(waitingFor, hooks(), answers);
  return undefined;
}

/** One without a URL, which a person opens. */
function personsGate({ gate, message }: WaitingFor, webhooks: readonly CanaryWebhook[]): ClosedGate | undefined {
  const hook = webhooks.find(({ name, url }) => name === gate && url === undefined);
  const moment = MOMENTS.find((each) => each === hook?.type);
  if (hook === undefined || moment === undefined) return undefined;
  const { name, muteAlert = false } = hook;
  return { moment, key: `${moment} ${name}`, hooks: [withMessage(name, message)], isMuted: muteAlert };
}

function askedGate(
  { message = '' }: WaitingFor,
  webhooks: readonly CanaryWebhook[],
  answers: Answers,
): ClosedGate | undefined {
  const moment = MOMENTS.find((each) => message.includes(each));
  const asked = webhooks.filter(({ type, url }) => momentOf(type) === moment && url !== undefined);
  if (moment === undefined || asked.length === 0) return undefined;
  const said = Object.entries(answers).flatMap(([question, answer]) =>
    question.startsWith(`${moment} `) && answer !== 'under way' ? answer : [],
  );
  const closed = asked.filter(({ name }) => said.some(isNoOf(name)));
  const holding = closed.length > 0 ? closed : asked;
  return {
    ...{ moment, key: moment },
    hooks: holding.map(({ name }) => withMessage(name, said.find(isNoOf(name))?.message)),
    isMuted: holding.every(({ muteAlert }) => muteAlert === true),
  };
}

function isNoOf(name: string): (check: CheckStatus) => boolean {
  return (check) => check.name === name && !hasPassed(check);
}

function withMessage(name: string, message: string | undefined): ClosedGate['hooks'][number] {
  return message === undefined ? { name } : { name, message };
}
