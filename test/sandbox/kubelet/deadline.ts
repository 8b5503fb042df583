/** A moment that can be brought forward while somebody waits for it, such as the end of a pod's grace period. */
export class Deadline {
  readonly #passed = new AbortController();
  #at: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param ms from now */
  constructor(ms: number) {
    this.#at = Date.now() + ms;
    this.#arm();
  }

  /** Aborts when the moment has come. */
  get passed(): AbortSignal {
    return this.#passed.signal;
  }

  get leftMs(): number {
    return Math.max(0, this.#at - Date.now());
  }

  /** Does nothing if the deadline is sooner anyway. */
  shorten(ms: number): void {
    const at = Date.now() + ms;
    if (at >= this.#at) return;
    this.#at = at;
    this.#arm();
  }

  /** Must be called when nobody waits any more. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#passed.abort(), Math.min(this.leftMs, 2 ** 31 - 1));
  }
}
