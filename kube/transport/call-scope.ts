import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';

/** What can end a call before its answer is complete. */
export interface CallScope {
  /** Aborts when the time is over or one of the signals aborts, with a `Timeout` or that signal's reason. */
  readonly signal: AbortSignal;
  /** Starts the time anew: for a deadline on silence, not on the whole. */
  extend(): void;
  /** Takes back the timer and the listeners, and ends whatever still hangs on the signal. */
  end(): void;
}

/** Of a call that is over nobody asks why, and an error of its own would take longer to make than all else here. */
const OVER = new Error('the call is over');

export class Timeout extends Error {
  override readonly name = 'Timeout';
}

/**
 * One signal for a deadline and several signals. `AbortSignal.timeout` and `AbortSignal.any` would do, but leave a timer for
 * each call, and a listener on signals that live as long as the program.
 */
export function callScope(clock: Clock, deadlineMs: number, signals: readonly (AbortSignal | undefined)[]): CallScope {
  const controller = new AbortController();
  const expire = (): void => controller.abort(new Timeout(`no answer within ${deadlineMs} ms`));
  let cancel = clock.after(deadlineMs, expire);
  const undo = signals.flatMap((signal) => (signal === undefined ? [] : [follow(signal, controller)]));

  return {
    signal: controller.signal,
    extend() {
      cancel();
      cancel = clock.after(deadlineMs, expire);
    },
    end() {
      cancel();
      for (const stop of undo) stop();
      controller.abort(OVER);
    },
  };
}

function follow(signal: AbortSignal, controller: AbortController): () => void {
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  // A signal of the whole program has a listener for each call under way; Node would warn of a leak at the eleventh.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}
