import { Worker } from 'node:worker_threads';
import type { Log } from '../log.ts';
import { LAST_WORDS_AT, LAST_WORDS_BYTES } from './marks-file.ts';
import { WATCHDOG_PROGRAM, type WatchdogData } from './watchdog-program.ts';

export interface WatchdogOptions {
  /** For how long the event loop may stand still. @default 8000 */
  readonly limitMs?: number;
  /** A file of marks, which gets the last words. */
  readonly file?: number | undefined;
  readonly log: Log;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/**
 * Longer than any pause that was measured on a healthy process (the longest, reading 5,000 large objects on two busy cores, was
 * below a second), and shorter than the ten seconds after which a leader that cannot renew its lease has lost it anyway.
 */
const LIMIT_MS = 8000;
const TICK_MS = 500;
/** The thread does next to nothing; without limits V8 would make it a heap for a program. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };

/**
 * Ends the process by SIGKILL once its event loop has stood still for too long, in a regular expression or a loop without an
 * end: then no timer fires, no signal handler runs and no probe is answered, and only another thread can. That thread says
 * on the standard error, and to the next process, what the event loop was doing.
 */
export function startWatchdog({ limitMs = LIMIT_MS, file, log, signal }: WatchdogOptions): void {
  if (signal.aborted) return;
  const beats = new SharedArrayBuffer(8);
  const heart = new Int32Array(beats);
  const words = file === undefined ? undefined : { file, at: LAST_WORDS_AT, bytes: LAST_WORDS_BYTES };
  const workerData: WatchdogData = { beats, tickMs: TICK_MS, limitMs, words };
  const thread = new Worker(WATCHDOG_PROGRAM, {
    ...{ eval: true, workerData, name: 'watchdog', execArgv: [], env: {}, trackUnmanagedFds: false },
    resourceLimits: LIMITS,
  });
  const timer = setInterval(() => Atomics.add(heart, 0, 1), TICK_MS);
  // Neither keeps a program running that has nothing else to do.
  timer.unref();
  thread.unref();
  thread.on('error', (error: unknown) =>
    log.error({ err: error }, 'the watchdog has failed: a hang will be seen by the liveness probe alone'),
  );
  signal.addEventListener(
    'abort',
    () => {
      clearInterval(timer);
      void thread.terminate();
    },
    { once: true },
  );
}
