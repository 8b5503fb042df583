import type { Clock } from './clock.ts';
import { KeyPace, type Pace } from './key-pace.ts';
import { namespaceOfKey } from './object.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** The first pause of a key that failed; each further failure doubles it. @default 1000 */
  readonly backOffFirstMs?: number;
  /** @default 300000 */
  readonly backOffMaxMs?: number;
  /** Keys of one namespace that are worked on at a time. @default no limit */
  readonly perNamespace?: number;
  /** How often one key is given out. @default as often as it is added */
  readonly pace?: Pace;
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
 * A queue of keys for any number of workers, after client-go's workqueue, that serves namespaces in turn. A key is
 * `namespace/name`; keys without a slash are of one namespace.
 *
 * - A key is with one worker at most: one that is added while it is worked on waits until `done`, then comes once more.
 * - A key that is added many times before a worker takes it comes once.
 * - Nothing that was added is lost: after every `add`, a `take` that began later returns the key, as soon as its pace allows.
 * - Keys of one namespace come in the order of their first `add` since they were last taken.
 * - Namespaces take turns: with n of them waiting, each n-th key that is taken is of one namespace, however many keys it has.
 *
 * A worker calls `take`, does its work and then, whatever became of it, `done`.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #backOffFirstMs: number;
  readonly #backOffMaxMs: number;
  readonly #metrics: WorkQueueMetrics | undefined;
  readonly #perNamespace: number;
  readonly #pace: KeyPace | undefined;
  /**
   * What is to be worked on and since when, in order, by namespace, the one whose turn it is first: keys of `#dirty` that are
   * neither in `#processing` nor in `#paced`. No namespace is here without a key.
   */
  readonly #ready = new Map<string, Map<string, number>>();
  #depth = 0;
  /** Keys that were given out too often, until they may be again. */
  readonly #paced = new Map<string, () => void>();
  /** Keys that changed since a worker last took them. */
  readonly #dirty = new Set<string>();
  readonly #processing = new Set<string>();
  /** How many of them each namespace has. */
  readonly #busy = new Map<string, number>();
  readonly #delayed = new Map<string, { readonly due: number; readonly cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #waiting = new Set<(key: string | undefined) => void>();
  #closed = false;

  constructor(options: WorkQueueOptions) {
    const { clock, backOffFirstMs = 1000, backOffMaxMs = 300_000, perNamespace = Number.POSITIVE_INFINITY } = options;
    const { pace, metrics } = options;
    this.#clock = clock;
    this.#perNamespace = perNamespace;
    this.#pace = pace === undefined ? undefined : new KeyPace(pace);
    this.#metrics = metrics;
    this.#backOffFirstMs = backOffFirstMs;
    this.#backOffMaxMs = backOffMaxMs;
  }

  /** Keys that wait for a worker; neither those that are worked on nor those whose time has not come. */
  get depth(): number {
    return this.#depth;
  }

  add(key: string): void {
    if (this.#closed || this.#dirty.has(key)) return;
    this.#dirty.add(key);
    this.#metrics?.added();
    if (!this.#processing.has(key)) this.#makeReady(key);
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
    if (!this.#processing.delete(key)) return;
    const namespace = namespaceOfKey(key);
    const left = (this.#busy.get(namespace) ?? 1) - 1;
    if (left > 0) this.#busy.set(namespace, left);
    else this.#busy.delete(namespace);
    if (this.#closed) return;
    if (this.#dirty.has(key)) this.#makeReady(key);
    else this.#serve();
  }

  /** Ends every wait and forgets every key; what is being worked on may finish. No timer is left. */
  close(): void {
    this.#closed = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    for (const cancel of this.#paced.values()) cancel();
    for (const forgotten of [this.#delayed, this.#paced, this.#ready, this.#dirty, this.#failures]) forgotten.clear();
    this.#depth = 0;
    for (const give of [...this.#waiting]) give(undefined);
  }

  #makeReady(key: string): void {
    const waitMs = this.#pace?.waitMs(key, this.#clock.now()) ?? 0;
    if (waitMs > 0) {
      const cancel = this.#clock.after(waitMs, () => {
        this.#paced.delete(key);
        this.#enter(key);
      });
      this.#paced.set(key, cancel);
    } else {
      this.#enter(key);
    }
  }

  #enter(key: string): void {
    const namespace = namespaceOfKey(key);
    const keys = this.#ready.get(namespace) ?? new Map<string, number>();
    keys.set(key, this.#clock.now());
    this.#ready.set(namespace, keys);
    this.#depth++;
    this.#serve();
  }

  /** Hands out keys while there are some and workers for them: the first key of each namespace in turn, to who has waited longest. */
  #serve(): void {
    for (const give of [...this.#waiting]) {
      const turn = this.#turn();
      if (turn === undefined) return;
      const [namespace, keys] = turn;
      const [first] = keys;
      if (first === undefined) return;
      const [key, since] = first;
      keys.delete(key);
      this.#depth--;
      // To the end of those that wait.
      this.#ready.delete(namespace);
      if (keys.size > 0) this.#ready.set(namespace, keys);
      this.#metrics?.taken((this.#clock.now() - since) / 1000);
      this.#pace?.given(key, this.#clock.now());
      this.#dirty.delete(key);
      this.#processing.add(key);
      this.#busy.set(namespace, (this.#busy.get(namespace) ?? 0) + 1);
      give(key);
    }
  }

  /** The namespace whose turn it is, with its keys. */
  #turn(): readonly [string, Map<string, number>] | undefined {
    for (const [namespace, keys] of this.#ready) {
      if ((this.#busy.get(namespace) ?? 0) < this.#perNamespace) return [namespace, keys];
    }
    return undefined;
  }
}
