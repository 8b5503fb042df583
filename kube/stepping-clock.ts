import { PretendClock } from './pretend-clock.ts';

/** A pretended clock that goes from timer to timer, and lets what each of them set off run to its end before the next. */
export class SteppingClock extends PretendClock {
  /** When timers are due, taken back or not; whatever a test makes of `now`. */
  #due: number[] = [];

  override after(ms: number, action: () => void): () => void {
    if (Number.isFinite(ms)) this.#due.push(super.now() + Math.max(0, ms));
    return super.after(ms, action);
  }

  async pass(ms: number): Promise<void> {
    const end = super.now() + ms;
    for (;;) {
      await settled();
      const next = Math.min(...this.#due);
      if (next > end) break;
      this.advance(next - super.now());
      this.#due = this.#due.filter((due) => due > next);
    }
    this.advance(end - super.now());
    await settled();
  }
}

/** Resolves once all promises that were resolved have reached those who wait for them. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
