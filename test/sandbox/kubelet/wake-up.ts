/** Wakes one loop: by a call, or when a time has come. A call while nobody waits is remembered. */
export class WakeUp {
  #pending = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#pending = true;
    this.#resolve?.();
  }

  /** Resolves on the next `wake` (at once, if there was one since the last wait) or after `ms`. */
  async wait(ms?: number): Promise<void> {
    if (!this.#pending) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        // Node fires timers of more than 2^31 ms at once.
        if (ms !== undefined) timer = setTimeout(resolve, Math.min(Math.max(ms, 0), 2 ** 31 - 1));
      });
      clearTimeout(timer);
      this.#resolve = undefined;
    }
    this.#pending = false;
  }
}
