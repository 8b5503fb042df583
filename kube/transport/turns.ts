/** Lets only so many run at the same time; the others wait, first come first served. */
export interface Turns {
  /** Runs `work` when its turn has come. @throws the reason of the signal, when it aborts before that */
  take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/**
 * `maxSockets` of Node's Agent would nearly do. But a request that waits there cannot be called back: it learns that its
 * signal has aborted when its turn comes, which may be never.
 */
export function createTurns(limit: number): Turns {
  let free = limit;
  const waiting = new Set<() => void>();

  function wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => {
        waiting.delete(go);
        reject(signal.reason as Error);
      };
      waiting.add(go);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  function passOn(): void {
    const [next] = waiting;
    if (next === undefined) {
      free++;
    } else {
      waiting.delete(next);
      next();
    }
  }

  return {
    async take(signal, work) {
      signal.throwIfAborted();
      if (free > 0) free--;
      else await wait(signal);
      try {
        return await work();
      } finally {
        passOn();
      }
    },
  };
}
