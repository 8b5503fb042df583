import { randomUUID } from 'node:crypto';
import { type Clock, pause } from './clock.ts';
import { isConflict, KubeError } from './errors.ts';
import type { Log } from './log.ts';
import { callScope, Timeout } from './transport/call-scope.ts';
import type { WorkQueue } from './work-queue.ts';

/** What a reconcile asks for: nothing more, or to be called again after a time even if nothing happens. */
export type Result = { readonly kind: 'done' } | { readonly kind: 'again'; readonly afterMs: number };

export interface ReconcileContext {
  /** Aborts when the deadline has passed or the controller stops; hand it to every call. */
  readonly signal: AbortSignal;
  /** With the key and an id of this very call on each line. */
  readonly log: Log;
}

/**
 * Brings one object to where it should be.
 *
 * It gets a key and nothing about what happened to it: several changes may have come as one call, and a call may come when
 * nothing has changed at all. It looks at what there is now and does what is missing, also when the object is gone.
 *
 * | it returns or throws             | then                                                                    |
 * | -------------------------------- | ----------------------------------------------------------------------- |
 * | `done`                           | nothing until the next change, or the resync                            |
 * | `again` after a time             | the same, or that time, whichever comes first                           |
 * | a `TerminalError`                | as `done`, but logged and counted as an error: trying again cannot help |
 * | a 409 (someone wrote before us)  | again after a pause, without an alarm                                   |
 * | another error, or a missed deadline | again after a pause that doubles each time, from 1 s to 5 min        |
 *
 * For one key there is never more than one call at a time, not even past its deadline: one that does not end when its signal
 * aborts keeps its key until it does. Calls for different keys run side by side. A call that takes long keeps its key, but not its
 * worker, which goes on with other keys.
 */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<Result>;

/** For what will not get better by itself: retrying waits for a change of the object. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export type Outcome = 'done' | 'again' | 'conflict' | 'error' | 'terminal';

export interface ControllerMetrics {
  reconciled(outcome: Outcome, seconds: number): void;
  /** So many calls have not ended although their signals aborted. */
  stuck?(count: number): void;
}

/** Asked before each call, such as a quarantine. */
export interface ReconcileGuard {
  /** A call begins; to be called back when it has ended. `undefined`: not now, the guard adds the key again when its time has come. */
  begin(key: string): (() => void) | undefined;
}

export interface ControllerOptions {
  readonly name: string;
  /** Closed by the controller when it ends. */
  readonly queue: WorkQueue;
  readonly reconcile: Reconcile;
  /** Ends the controller at once: what runs is aborted. To end it in good order, `drain` first. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /** Calls at the same time, and up to four times as many where calls are slow. @default 4 */
  readonly workers?: number;
  /** A call that takes longer lets its worker go on with another key. @default 10000 */
  readonly slowMs?: number;
  /** For one call. @default 60000 */
  readonly deadlineMs?: number;
  readonly guard?: ReconcileGuard;
  /** Called once, when as many calls as there are workers do not end: only a new process gets rid of them. */
  readonly onStuck?: (keys: readonly string[]) => void;
  /** Every key, for the resync: against what a fault of ours has missed, not in place of events. */
  readonly allKeys: () => Iterable<string>;
  /** And up to half as long again. @default 600000 */
  readonly resyncMs?: number;
  readonly metrics?: ControllerMetrics;
  /** From 0 to 1, for jitter. @default Math.random */
  readonly random?: () => number;
}

export interface Controller {
  /** Takes no further key; what runs may end within `ms` and is aborted then. Resolves once nothing runs. */
  drain(ms: number): Promise<void>;
  /** Resolves when nothing runs any more, after `drain` or the signal. */
  readonly ended: Promise<void>;
}

/** Slow calls that have let their workers go on, for each worker. */
const SLOW_A_WORKER = 3;
/** A call that has not ended so long after its signal aborted counts as stuck. */
const STUCK_AFTER_MS = 5000;
/** When the controller ends, calls that do not end are left behind: without their signal they write nothing more. */
const LEAVE_AFTER_MS = 1000;

/** Starts the workers of a queue; whoever fills it, such as a reflector's `onChange`, may have done so before. */
export function startController(options: ControllerOptions): Controller {
  const { name, queue, reconcile, clock, metrics, guard, workers = 4, slowMs = 10_000 } = options;
  const { deadlineMs = 60_000, random = Math.random } = options;
  const log = options.log.child({ controller: name });
  const draining = new AbortController();
  const ending = new AbortController();
  const end = (): void => {
    draining.abort();
    ending.abort(options.signal.reason);
  };
  if (options.signal.aborted) end();
  options.signal.addEventListener('abort', end, { once: true });

  /** Calls that run. */
  const running = new Set<Promise<void>>();
  /** How many of them have let their workers go on. */
  let slow = 0;
  const stuck = new Set<string>();
  let hasTold = false;

  async function work(): Promise<void> {
    for (let key = await next(); key !== undefined; key = await next()) {
      const call = finished(key);
      running.add(call);
      await freeFrom(call, key);
    }
  }

  async function finished(key: string): Promise<void> {
    const unmark = guard === undefined ? () => undefined : guard.begin(key);
    if (unmark !== undefined) {
      await once(key);
      unmark();
    }
    queue.done(key);
  }

  /** Resolves when the call has ended, or takes so long that its worker should do something else. */
  function freeFrom(call: Promise<void>, key: string): Promise<void> {
    return new Promise((resolve, reject) => {
      let isSlow = false;
      let cancel = clock.after(slowMs, () => {
        cancel = clock.after(deadlineMs + STUCK_AFTER_MS - slowMs, () => countStuck(key));
        if (slow >= workers * SLOW_A_WORKER) return;
        isSlow = true;
        slow++;
        resolve();
      });
      const ended = (): void => {
        cancel();
        running.delete(call);
        if (isSlow) slow--;
        if (stuck.delete(key)) metrics?.stuck?.(stuck.size);
        resolve();
      };
      call.then(ended, (error: Error) => {
        ended();
        reject(error);
      });
    });
  }

  function countStuck(key: string): void {
    stuck.add(key);
    metrics?.stuck?.(stuck.size);
    log.error({ key, stuck: stuck.size }, 'reconcile does not end although its time is over; its key waits for it');
    if (stuck.size < workers || hasTold) return;
    hasTold = true;
    options.onStuck?.([...stuck]);
  }

  const next = (): Promise<string | undefined> => queue.take(draining.signal);

  async function once(key: string): Promise<void> {
    const calls = log.child({ key, reconcileID: randomUUID() });
    const scope = callScope(clock, deadlineMs, [ending.signal]);
    const started = clock.now();
    let outcome: Outcome;
    try {
      const result = await reconcile(key, { signal: scope.signal, log: calls });
      outcome = result.kind;
      queue.forget(key);
      if (result.kind === 'again') queue.addAfter(key, result.afterMs);
    } catch (error) {
      outcome = failed(key, error, scope.signal, calls);
    } finally {
      scope.end();
    }
    metrics?.reconciled(outcome, (clock.now() - started) / 1000);
  }

  function failed(key: string, thrown: unknown, ended: AbortSignal, calls: Log): Outcome {
    // What a call throws because it was told to end says less than why it was.
    const error: unknown = ended.reason instanceof Timeout ? ended.reason : thrown;
    if (error instanceof TerminalError) {
      queue.forget(key);
      calls.error({ err: error }, 'reconcile failed, and waits for a change');
      return 'terminal';
    }
    const pauseMs = queue.retry(key, error instanceof KubeError ? error.retryAfterMs : undefined);
    if (isConflict(error)) {
      calls.info({ pauseMs }, 'someone wrote before us, trying again');
      return 'conflict';
    }
    if (!ending.signal.aborted) calls.error({ err: error, pauseMs }, 'reconcile failed, trying again');
    return 'error';
  }

  async function resync(): Promise<void> {
    const { allKeys, resyncMs = 600_000 } = options;
    while (!draining.signal.aborted) {
      await pause(clock, resyncMs * (1 + random() / 2), draining.signal);
      if (draining.signal.aborted) return;
      for (const key of allKeys()) queue.add(key);
    }
  }

  /** Resolves when all calls have ended, or a moment after they should have. */
  async function allEnded(): Promise<void> {
    const working = Promise.all([resync(), ...Array.from({ length: workers }, work)]);
    const over = new AbortController();
    const all = working.then(async () => {
      while (running.size > 0) await Promise.all(running);
    });
    const left = new Promise<void>((resolve) => {
      const leave = (): void => void pause(clock, LEAVE_AFTER_MS, over.signal).then(resolve);
      if (ending.signal.aborted) leave();
      else ending.signal.addEventListener('abort', leave, { once: true });
    });
    await Promise.race([all, left]);
    over.abort();
    if (running.size > 0) log.error({ calls: running.size }, 'reconciles do not end, leaving them behind');
  }

  const ended = allEnded().then(() => {
    options.signal.removeEventListener('abort', end);
    queue.close();
  });

  return {
    ended,
    async drain(ms) {
      draining.abort();
      const cancel = clock.after(ms, end);
      await ended;
      cancel();
    },
  };
}
