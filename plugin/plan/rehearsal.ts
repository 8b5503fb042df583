// What a canary would do, from the controller's own decision on a clock that only moves when nothing is left to do.
import { analysisOf } from '../../api/analysis.ts';
import type { Canary, CanaryStatus, CanaryWebhook, CheckStatus } from '../../api/generated/canary.ts';
import { decide } from '../../controller/decide/decide.ts';
import type { Decision } from '../../controller/decide/decision.ts';
import { type HookMoment, hooksAt, isGate } from '../../controller/decide/hooks-at.ts';
import { isAtRest } from '../../controller/decide/situation.ts';
import { type SmoothWorld, smoothWorld } from './smooth-world.ts';

/** Any day would do. */
const START = Date.UTC(2001, 0, 1);
/** More than lie between any two waits, and between any two that take time. */
const MAX_LOOKS = 1000;

/** What a release stood at, from a time on. */
export interface Moment {
  /** Milliseconds since the change of the target. */
  readonly at: number;
  readonly phase: NonNullable<CanaryStatus['phase']> | '';
  readonly step: number;
  /** Percent of the requests that the canary gets; of those that fit, with `matchedOnly`. */
  readonly weight: number;
  readonly matchedOnly: boolean;
  /** Percent of the requests that are copied to it. */
  readonly mirrorWeight: number;
  /** Gates and hooks that had to answer before it came to this. */
  readonly before: readonly CanaryWebhook[];
  readonly isEnding: boolean;
}

export interface Rehearsal {
  /** One for each change of what it stood at, oldest first. */
  readonly moments: readonly Moment[];
  readonly endedAt: number;
  /** Hooks that are called when all is over. */
  readonly after: readonly CanaryWebhook[];
  readonly result: 'Succeeded' | 'Failed';
  readonly failedChecks: number;
}

export interface RehearsalOptions {
  /** The step from which on every check fails. @default none */
  readonly failsFrom?: number;
}

/**
 * One release in a world where everything goes as fast as it can: pods are ready at once, gates are open, and people approve
 * when they are asked. Autoscalers are left out, as nothing waits for them.
 *
 * @param canary with defaults; `validate` has nothing against it
 */
export function rehearse(canary: Canary, { failsFrom = Number.POSITIVE_INFINITY }: RehearsalOptions = {}): Rehearsal {
  const analysis = analysisOf(canary.spec);
  const verdict = () => ((world.status.step ?? 0) >= failsFrom ? 'Fail' : 'Pass');
  const called: CanaryWebhook[] = [];
  const world = smoothWorld(canary, analysis, {
    measured: () =>
      (analysis.metrics ?? []).map(({ name }): CheckStatus => ({ kind: 'Metric', name, verdict: verdict() })),
    hooks(moment) {
      const asked = hooksAt({ analysis }, moment);
      if (comesBefore(moment)) called.push(...asked);
      return asked.map(({ name }) => ({ kind: 'Webhook', name, verdict: answerOf(moment, verdict()) }));
    },
  });
  let now = settle(world, START, () => undefined).now;
  const changedAt = now;
  world.change();
  const moments: Moment[] = [];
  const told = (decision: Decision) => {
    const { status } = world;
    const approves = decision.kind === 'wait' ? status.waitingFor?.gate : undefined;
    if (approves !== undefined) called.push(...gateOf(analysis.webhooks, approves));
    // Waiting for somebody is no moment of its own, as it takes no time here.
    if (isAtRest(status) || status.phase === 'Waiting' || status.phase === 'WaitingPromotion') return;
    const moment = { ...momentOf(status), at: now - changedAt };
    const last = moments.at(-1);
    if (last !== undefined && isSame(last, moment)) return;
    moments.push({ ...moment, before: [...new Set(called.splice(0))] });
  };
  ({ now } = settle(world, now, (decision, at) => {
    now = at;
    told(decision);
  }));
  const { failedChecks = 0, history = [] } = world.status;
  const result = history[0]?.result === 'Succeeded' ? 'Succeeded' : 'Failed';
  return { moments, endedAt: now - changedAt, after: called, result, failedChecks };
}

/** Observes, decides and acts until nothing is left to wait for. */
function settle(
  world: SmoothWorld,
  from: number,
  told: (decision: Decision, now: number) => void,
): { readonly now: number } {
  let now = from;
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const decision = decide(world.observe(), now);
    if (decision.kind === 'act') world.act(decision.effect);
    else {
      if (decision.kind === 'move' && decision.first !== undefined) world.act(decision.first);
      world.status = decision.status;
    }
    told(decision, now);
    if (decision.kind !== 'wait') continue;
    const gate = world.status.waitingFor?.gate;
    if (gate !== undefined) approve(world, gate, now);
    else if (decision.until === undefined || isAtRest(world.status)) return { now };
    else if (decision.until > now) {
      now = decision.until;
      looks = 0;
    }
  }
  throw new Error(`the plan comes to no end: ${world.status.waitingFor?.message ?? world.status.phase ?? ''}`);
}

function approve(world: SmoothWorld, gate: string, now: number): void {
  const revision = world.status.lastAppliedSpec ?? '';
  const createdAt = new Date(now).toISOString();
  const uid = `approve-${gate}`;
  world.actions = [{ ...{ uid, name: uid, createdAt, revision, gate }, action: 'approve' }];
}

function momentOf(status: CanaryStatus): Omit<Moment, 'at' | 'before'> {
  const { phase = '', step = 0, desiredWeight = 0, matchedOnly = false, mirrorWeight = 0, ending } = status;
  return {
    phase,
    ...{ step, weight: desiredWeight, matchedOnly, mirrorWeight },
    isEnding: ending !== undefined,
  };
}

function isSame(one: Omit<Moment, 'before'>, other: Omit<Moment, 'before'>): boolean {
  return (
    one.phase === other.phase &&
    one.step === other.step &&
    one.weight === other.weight &&
    one.mirrorWeight === other.mirrorWeight &&
    one.isEnding === other.isEnding
  );
}

/** Those of each step are checks, and a rollback hook is asked beside all of them. */
function comesBefore(moment: HookMoment): boolean {
  return moment !== 'rollout' && moment !== 'rollback';
}

/** A rollback hook that passes asks for the rollback. */
function answerOf(moment: HookMoment, verdict: CheckStatus['verdict']): CheckStatus['verdict'] {
  if (moment === 'rollback') return 'Fail';
  return moment === 'rollout' ? verdict : 'Pass';
}

/** A gate is named once in a canary; only a person's is waited for by its name. */
function gateOf(webhooks: readonly CanaryWebhook[] = [], name: string): readonly CanaryWebhook[] {
  return webhooks.filter((hook) => isGate(hook) && hook.name === name).slice(0, 1);
}
