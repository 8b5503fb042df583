/** How often one key may be worked on. */
export interface Pace {
  /** So many times at once. */
  readonly burst: number;
  /** And then again after each of these. */
  readonly everyMs: number;
}

/** Keys that are remembered before those whose burst is full again are forgotten. */
const FORGET_FROM = 1000;

/**
 * A token bucket for each key: an object that changes a hundred times a second is looked at a few times a second, as each look sees
 * all changes until then.
 */
export class KeyPace {
  readonly #pace: Pace;
  /** When the key's burst is full again, by the clock. */
  readonly #fullAt = new Map<string, number>();
  #forgetFrom = FORGET_FROM;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** How long until the key may be worked on. */
  waitMs(key: string, now: number): number {
    const { burst, everyMs } = this.#pace;
    return Math.max(0, (this.#fullAt.get(key) ?? now) - now - (burst - 1) * everyMs);
  }

  /** The key is worked on. */
  given(key: string, now: number): void {
    this.#fullAt.set(key, Math.max(now, this.#fullAt.get(key) ?? now) + this.#pace.everyMs);
    if (this.#fullAt.size <= this.#forgetFrom) return;
    for (const [other, at] of this.#fullAt) {
      if (at <= now) this.#fullAt.delete(other);
    }
    // Those that are left are in use: looking through them at each call would take longer than they do.
    this.#forgetFrom = Math.max(FORGET_FROM, 2 * this.#fullAt.size);
  }
}
