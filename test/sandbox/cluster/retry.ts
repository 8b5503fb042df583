import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryOptions {
  readonly everyMs: number;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** Tries until it works; throws the last error once the time is over or the signal aborts. */
export async function retry(
  attempt: () => Promise<unknown>,
  { everyMs, withinMs, signal }: RetryOptions,
): Promise<void> {
  const giveUp = Date.now() + withinMs;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (signal.aborted || Date.now() > giveUp) throw error;
      await sleep(everyMs, undefined, { signal });
    }
  }
}
