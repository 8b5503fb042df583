/**
 * Starts what goes on until the signal aborts. Resolves when it is ready for the first time; rejects with the signal's reason
 * when it ends before.
 */
export function untilReady(run: (onReady: () => void) => Promise<void>, signal: AbortSignal): Promise<void> {
  const ready = new Promise<void>((resolve, reject) => {
    run(resolve)
      .catch(() => undefined)
      .finally(() => reject(signal.reason as Error));
  });
  // Whoever does not wait for it must not be ended by an unhandled rejection at shutdown.
  ready.catch(() => undefined);
  return ready;
}
