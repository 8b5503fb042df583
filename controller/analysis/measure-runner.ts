import type { Canary, CheckStatus } from '../../api/generated/canary.ts';
import { type Clock, pause } from '../../kube/clock.ts';
import type { Log } from '../../kube/log.ts';
import { objectKey } from '../../kube/object.ts';
import { measuringRound } from '../decide/measuring-round.ts';
import type { Observation } from '../decide/observation.ts';

export interface MeasureRunnerOptions<Of extends { readonly canary: Canary }> {
  /** @throws the signal's reason where it aborts */
  readonly measure: (subject: Of, signal: AbortSignal) => Promise<readonly CheckStatus[]>;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends all of it. */
  readonly signal: AbortSignal;
  /** There is something new to know about a canary, `namespace/name`. */
  readonly onAnswer: (key: string) => void;
}

/**
 * Measures beside the loop: a metric server may take half a minute, and no worker, which may be needed for anybody's release,
 * waits for it.
 */
export interface MeasureRunner<Of extends { readonly canary: Canary }> {
  /**
   * What was measured in the round that the canary is in, or how it stands with that. What was measured is given once, for
   * one decision: a later one is of a later world. After a restart there is nothing, and it is measured again.
   */
  take(canary: Canary): Observation['measured'];
  /** Measures, unless that is under way for this round. What is under way for an older one is broken off. */
  start(subject: Of): void;
  /** The canary is gone, or its traffic was not as it should have been: what is under way for it is broken off. */
  forget(key: string): void;
}

interface Round {
  readonly round: string;
  readonly ended: AbortController;
  found: NonNullable<Observation['measured']>;
}

/** A person is told what is waited for from here on. */
const OVERDUE_MS = 5000;
/** Before what could not be measured at all, by a fault of ours, is measured again. */
const FAULT_PAUSE_MS = 10_000;

export function createMeasureRunner<Of extends { readonly canary: Canary }>(
  options: MeasureRunnerOptions<Of>,
): MeasureRunner<Of> {
  const { measure, clock, log, signal, onAnswer } = options;
  const rounds = new Map<string, Round>();

  function forget(key: string): void {
    rounds.get(key)?.ended.abort();
    rounds.delete(key);
  }

  async function run(key: string, subject: Of, of: Round): Promise<void> {
    const stopped = AbortSignal.any([signal, of.ended.signal]);
    const inTime = clock.after(OVERDUE_MS, () => {
      of.found = 'overdue';
      onAnswer(key);
    });
    try {
      of.found = await measure(subject, stopped);
    } catch (error) {
      if (!stopped.aborted) {
        log.error({ err: error, canary: key }, 'the metrics could not be measured, a defect of the controller');
        await pause(clock, FAULT_PAUSE_MS, stopped);
      }
      if (rounds.get(key) === of) rounds.delete(key);
    } finally {
      inTime();
    }
    if (!stopped.aborted) onAnswer(key);
  }

  return {
    take(canary) {
      const key = objectKey(canary);
      const known = rounds.get(key);
      if (known === undefined) return undefined;
      const isOver = known.round !== measuringRound(canary);
      const isDone = typeof known.found !== 'string';
      if (isOver || isDone) forget(key);
      return isOver ? undefined : known.found;
    },
    start(subject) {
      const { canary } = subject;
      const key = objectKey(canary);
      const round = measuringRound(canary);
      if (rounds.get(key)?.round === round) return;
      forget(key);
      const of: Round = { round, ended: new AbortController(), found: 'under way' };
      rounds.set(key, of);
      void run(key, subject, of);
    },
    forget,
  };
}
