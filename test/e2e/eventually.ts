import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Tries until `attempt` no longer throws, and gives its value; the last error when the time is over.
 *
 * @param withinMs generous: the tests run beside others on a busy machine
 */
export async function eventually<T>(attempt: () => Promise<T>, withinMs = 60_000): Promise<T> {
  const giveUp = Date.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > giveUp) throw error;
      await sleep(200);
    }
  }
}
