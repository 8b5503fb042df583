/** Where time comes from. Passed in, so that tests own it. */
export interface Clock {
  /** Milliseconds that only ever grow. Not the time of day, which can be set back while something is waited for. */
  now(): number;
  /** Calls `action` once, `ms` from now or at once if that has passed; the function that it returns takes it back. */
  after(ms: number, action: () => void): () => void;
}

/** The longest that a timer of Node can wait; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
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
