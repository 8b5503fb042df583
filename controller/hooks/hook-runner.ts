import type { Canary, CheckStatus } from '../../api/generated/canary.ts';
import { type Clock, pause } from '../../kube/clock.ts';
import type { Log } from '../../kube/log.ts';
import { objectKey } from '../../kube/object.ts';
import type { HookMoment } from '../decide/hooks-at.ts';
import type { HookDeps } from './call-hook.ts';
import { callHooks } from './call-hooks.ts';
import { withEventHook } from './default-event-hook.ts';
import type { HookEvent, HookPhase } from './hook-payload.ts';

export interface HookRunnerOptions extends Pick<HookDeps, 'call' | 'secret'> {
  readonly clock: Clock;
  readonly log: Log;
  /** Ends all calls. */
  readonly signal: AbortSignal;
  /** Told of the events of canaries that have no event hook of their own. */
  readonly eventWebhook?: string | undefined;
  /** There is an answer for a canary, `namespace/name`. */
  readonly onAnswer: (key: string) => void;
}

type Answers = Readonly<Record<string, readonly CheckStatus[] | 'under way'>>;

/** What was asked about one revision of a canary, until another comes. */
interface Asked {
  readonly revision: string;
  readonly latest: Map<HookMoment, Question>;
}

interface Question {
  readonly question: string;
  readonly ended: AbortController;
  answer: readonly CheckStatus[] | 'under way';
}

/** Calls hooks beside the loop: one may take hours, and a release that waits for it goes on watching everything else. */
export interface HookRunner {
  /** What was asked last about the canary's revision, at each moment; nothing after a restart, and then it is asked again. */
  answers(canary: Canary): Answers;
  /** Asks the hooks of a moment, unless the question was asked before. What is still under way for an older one is broken off. */
  ask(canary: Canary, moment: HookMoment, question: string): void;
  /** Tells the canary's event hooks. What they answer is logged and changes nothing. */
  tell(canary: Canary, event: HookEvent): void;
  /** The canary is gone: what is under way for it is broken off. */
  forget(key: string): void;
}

/** Before what could not be called at all, by a fault of ours, is asked again. */
const FAULT_PAUSE_MS = 10_000;
/** Events of a canary whose hooks are slow: further ones are dropped. */
const MAX_TOLD = 32;
const NONE: Answers = {};

export function createHookRunner(options: HookRunnerOptions): HookRunner {
  const { call, secret, clock, log, signal, onAnswer, eventWebhook } = options;
  const byCanary = new Map<string, Asked>();
  const telling = new Map<string, number>();
  /** Ends with the last event of a canary: they are told one after the other, as they happened. */
  const told = new Map<string, Promise<unknown>>();

  function asked(canary: Canary): Asked {
    const revision = canary.status?.lastAppliedSpec ?? '';
    const key = objectKey(canary);
    const known = byCanary.get(key);
    if (known?.revision === revision) return known;
    // An answer about another revision opens nothing.
    end(known);
    const fresh: Asked = { revision, latest: new Map() };
    byCanary.set(key, fresh);
    return fresh;
  }

  function end(known: Asked | undefined): void {
    for (const { ended } of known?.latest.values() ?? []) ended.abort();
  }

  async function answer(canary: Canary, moment: HookMoment, about: Question, latest: Asked['latest']): Promise<void> {
    const stopped = AbortSignal.any([signal, about.ended.signal]);
    try {
      const deps = { call, secret, clock, signal: stopped, phase: phaseOf(canary, moment) };
      about.answer = await callHooks(canary, moment, deps);
    } catch (error) {
      if (!stopped.aborted) {
        log.error({ err: error, canary: objectKey(canary), moment }, 'hooks could not be called');
        await pause(clock, FAULT_PAUSE_MS, stopped);
      }
      if (latest.get(moment) === about) latest.delete(moment);
    }
    if (!stopped.aborted) onAnswer(objectKey(canary));
  }

  return {
    answers: (canary) => {
      const known = byCanary.get(objectKey(canary));
      return known === undefined || known.revision !== canary.status?.lastAppliedSpec
        ? NONE
        : Object.fromEntries(Array.from(known.latest.values(), (about) => [about.question, about.answer]));
    },
    ask(canary, moment, question) {
      const { latest } = asked(canary);
      const before = latest.get(moment);
      if (before?.question === question) return;
      before?.ended.abort();
      const about: Question = { question, ended: new AbortController(), answer: 'under way' };
      latest.set(moment, about);
      void answer(canary, moment, about, latest);
    },
    tell(canary, event) {
      const key = objectKey(canary);
      const count = telling.get(key) ?? 0;
      if (count >= MAX_TOLD) {
        log.warn({ canary: key }, 'its event hooks are too slow, an event is dropped');
        return;
      }
      telling.set(key, count + 1);
      const hooked = withEventHook(canary, eventWebhook);
      const isOperators = hooked !== canary;
      const deps = { call, secret, clock, signal, phase: canary.status?.phase ?? '', event, isOperators };
      const done = (told.get(key) ?? Promise.resolve())
        .then(() => callHooks(hooked, 'event', deps))
        .then((checks) => {
          for (const { name, verdict, message } of checks) {
            if (verdict !== 'Pass') log.warn({ canary: key, hook: name }, `an event was not taken: ${message}`);
          }
        })
        .catch((error: unknown) => {
          if (!signal.aborted) log.error({ err: error, canary: key }, 'event hooks could not be called');
        })
        .finally(() => {
          const left = (telling.get(key) ?? 1) - 1;
          if (left > 0) telling.set(key, left);
          else {
            telling.delete(key);
            told.delete(key);
          }
        });
      told.set(key, done);
    },
    forget(key) {
      end(byCanary.get(key));
      byCanary.delete(key);
    },
  };
}

/** What comes after the release is told how it ended. */
function phaseOf({ status = {} }: Canary, moment: HookMoment): HookPhase {
  if (moment !== 'post-rollout') return status.phase ?? '';
  return status.ending?.result === 'Succeeded' ? 'Succeeded' : 'Failed';
}
