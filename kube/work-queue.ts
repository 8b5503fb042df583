import type { Clock } from './clock.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** The first pause of a key that failed; each further failure doubles it. @default 1000 */
  readonly backOffFirstMs?: number;
  /** @default 300000 */
  readonly backOffMaxMs?: number;
  readonly metrics?: WorkQueueMetrics;
}

export interface WorkQueueMetrics {
  /** A key has come in: one that was already waiting, or is being worked on and waiting, does not come again. */
  added(): void;
  /** A worker has taken a key, so many seconds after it could first have been taken. */
  taken(waitedSeconds: number): void;
  /** A key's work has failed and will be done again. */
  retried(): void;
}

/**
 * A queue of keys for any number of workers, after client-go's workqueue.
 *
 * - A key is with one worker at most: one that is added while it is worked on waits until `done`, then comes once more.
 * - A key that is added many times before a worker takes it comes once.
 * - Nothing that was added is lost: after every `add`, a `take` that began later returns the key.
 * - Keys come in the order of their first `add` since they were last taken.
 *
 * A worker calls `take`, does its work and then, whatever became of it, `done`.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #backOffFirstMs: number;
  readonly #backOffMaxMs: number;
  readonly #metrics: WorkQueueMetrics | undefined;
  /** What is to be worked on, in order, and since when: keys of `#dirty` that are not in `#processing`. */
  readonly #ready = new Map<string, number>();
  /** Keys that changed since a worker last took them. */
  readonly #dirty = new Set<string>();
  readonly #processing = new Set<string>();
  readonly #delayed = new Map<string, { readonly due: number; readonly cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #waiting = new Set<(key: string | undefined) => void>();
  #closed = false;

  constructor({ clock, backOffFirstMs = 1000, backOffMaxMs = 300_000, metrics }: WorkQueueOptions) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#backOffFirstMs = backOffFirstMs;
    this.#backOffMaxMs = backOffMaxMs;
  }

  /** Keys that wait for a worker; neither those that are worked on nor those whose time has not come. */
  get depth(): number {
    return this.#ready.size;
  }

  add(key: string): void {
    if (this.#closed || this.#dirty.has(key)) return;
    this.#dirty.add(key);
    this.#metrics?.added();
    if (this.#processing.has(key)) return;
    this.#ready.set(key, this.#clock.now());
    this.#serve();
  }

  /** Adds the key once `ms` have passed. Of several times that are asked for one key, the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    const due = this.#clock.now() + ms;
    const pending = this.#delayed.get(key);
    if (pending !== undefined && pending.due <= due) return;
    pending?.cancel();
    const cancel = this.#clock.after(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { due, cancel });
  }

  /**
   * Adds a key whose work has failed, after a pause that doubles with each failure, and of `atLeastMs` where a server asked
   * for that. The pause, in milliseconds.
   */
  retry(key: string, atLeastMs = 0): number {
    if (this.#closed) return 0;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#metrics?.retried();
    const ms = Math.max(atLeastMs, Math.min(this.#backOffFirstMs * 2 ** failures, this.#backOffMaxMs));
    this.addAfter(key, ms);
    return ms;
  }

  /** The key's work has succeeded: the next failure starts from the first pause again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, as soon as there is one; `undefined` once the queue is closed, or when the signal aborts. */
  take(signal?: AbortSignal): Promise<string | undefined> {
    if (this.#closed || signal?.aborted === true) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const give = (key: string | undefined): void => {
        this.#waiting.delete(give);
        signal?.removeEventListener('abort', stop);
        resolve(key);
      };
      const stop = (): void => give(undefined);
      signal?.addEventListener('abort', stop, { once: true });
      this.#waiting.add(give);
      this.#serve();
    });
  }

  /** The worker has finished with a key that it took. */
  done(key: string): void {
    this.#processing.delete(key);
    if (this.#closed || !this.#dirty.has(key)) return;
    this.#ready.set(key, this.#clock.now());
    this.#serve();
  }

  /** Ends every wait and forgets every key; what is being worked on may finish. No timer is left. */
  close(): void {
    this.#closed = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    for (const forgotten of [this.#delayed, this.#ready, this.#dirty, this.#failures]) forgotten.clear();
    for (const give of [...this.#waiting]) give(undefined);
  }

  /** Hands the first key to the worker that has waited longest. */
  #serve(): void {
    const [first] = this.#ready;
    const [give] = this.#waiting;
    if (first === undefined || give === undefined) return;
    const [key, since] = first;
    this.#metrics?.taken((this.#clock.now() - since) / 1000);
    this.#ready.delete(key);
    this.#dirty.delete(key);
    this.#processing.add(key);
    give(key);
  }
}
