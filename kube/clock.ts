/** Where time comes from. Passed in, so that tests own it. */
export interface Clock {
  /** Milliseconds that only ever grow. Not the time of day, which can be set back while something is waited for. */
  now(): number;
  /** The time of day, for what people and other machines read. It may jump either way: nothing is measured with it alone. */
  date(): Date;
  /** Calls `action` once, `ms` from now or at once if that has passed; the function that it returns takes it back. */
  after(ms: number, action: () => void): () => void;
}

/** The longest that a timer of Node can wait; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after(ms, action) {
    const wait = Math.max(0, ms);
    let timer = setTimeout(fire, Math.min(wait, LONGEST_MS));
    let left = wait - LONGEST_MS;
    function fire(): void {
      if (left <= 0) {
        action();
        return;
      }
      timer = setTimeout(fire, Math.min(left, LONGEST_MS));
      left -= LONGEST_MS;
    }
    return () => clearTimeout(timer);
  },
};

/** Resolves once `ms` have passed or the signal aborts, whichever comes first; never rejects, and leaves no timer. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.after(ms, end);
    signal.addEventListener('abort', end, { once: true });
    function end(): void {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
