import type { Clock } from './clock.ts';

interface Timer {
  readonly due: number;
  readonly action: () => void;
}

/** A clock that stands still until a test moves it. */
export class PretendClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now = 0;
  #dateAtZero: number;

  constructor(date = new Date('2026-01-01T00:00:00Z')) {
    this.#dateAtZero = date.getTime();
  }

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.#dateAtZero + this.#now);
  }

  /** Sets the time of day forth (or back), as an operator or a time server does; what is waited for does not move. */
  shiftDate(ms: number): void {
    this.#dateAtZero += ms;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, ms), action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers have not fired: zero after a proper close. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves the time on, and fires what falls due in the order of its time, then of its start. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = next.due;
      next.action();
    }
    this.#now = end;
  }
}
