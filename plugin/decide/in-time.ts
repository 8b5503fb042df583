import type { Context } from '../context.ts';

/**
 * Waits for something with a signal that aborts with Ctrl-C, and after this long.
 *
 * @param timeoutMs 0 is without end
 */
export async function inTime<T>(
  { clock, signal }: Pick<Context, 'clock' | 'signal'>,
  timeoutMs: number,
  wait: (options: Pick<Context, 'clock' | 'signal'>) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const cancel = timeoutMs > 0 ? clock.after(timeoutMs, () => late.abort()) : () => undefined;
  try {
    return await wait({ clock, signal: AbortSignal.any([signal, late.signal]) });
  } finally {
    cancel();
  }
}
