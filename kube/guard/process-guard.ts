import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { DeathReason } from './death.ts';
import { type MemoryGuard, startMemoryGuard } from './memory-guard.ts';
import { containerMemoryLimit } from './memory-limit.ts';
import { startWatchdog } from './watchdog.ts';

/** What is asked of Node's `process`, and of V8. */
export interface GuardedProcess {
  on(event: 'uncaughtException', listener: (error: Error) => void): unknown;
  exit(code: number): never;
  exitCode?: number | string | null | undefined;
  memoryUsage: { (): { readonly heapUsed: number }; rss(): number };
}

export interface ProcessGuardOptions {
  readonly process: GuardedProcess;
  /** That V8 allows itself, in bytes: `v8.getHeapStatistics().heap_size_limit`. */
  readonly heapLimit: number;
  /** Of the container, in bytes. @default what the kernel says */
  readonly memoryLimit: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the guard. */
  readonly signal: AbortSignal;
  /** Of the marks, if there are any. */
  readonly file?: number | undefined;
  readonly active?: (withinMs: number) => readonly string[];
  /** After that the process ends, whatever it still does. @default 5000 */
  readonly handOverMs?: number;
  /** The process has to end: hand over what others need and release what is held. Called once. */
  readonly onEnd: (reason: DeathReason, keys: readonly string[] | undefined) => void;
}

export interface ProcessGuard {
  readonly memory: MemoryGuard;
  /** Ends the process for a reason that its program has found. */
  end(reason: DeathReason, keys?: readonly string[]): void;
}

/** How a process ends that ends itself, for whoever reads `lastState.terminated.exitCode` of its container. */
const EXIT_CODES: Readonly<Record<DeathReason, number>> = { crash: 1, unknown: 1, hang: 133, memory: 75, stuck: 76 };
/**
 * Ends the process when it cannot be trusted to go on: at a hang by its watchdog, and at a crash, before its memory is used up and
 * when calls do not end by handing over first.
 */
export function startProcessGuard(options: ProcessGuardOptions): ProcessGuard {
  const { process, heapLimit, clock, log, signal, file, active, handOverMs = 5000, onEnd } = options;
  const limit = options.memoryLimit ?? containerMemoryLimit();
  let isEnding = false;
  startWatchdog({ file, log, signal });
  process.on('uncaughtException', (error) => {
    log.error({ err: error }, 'an error that nobody caught, ending the process');
    // One more does not cut the handing over short, which ends in time by itself.
    end('crash');
  });
  const memory = startMemoryGuard({
    ...{ clock, log, limit, signal, ...(active !== undefined && { active }) },
    figures: () => ({ rss: process.memoryUsage.rss(), heapUsed: process.memoryUsage().heapUsed, heapLimit }),
    onFull(keys, text) {
      log.error({ keys }, `${text}: ending before it is used up`);
      end('memory', keys);
    },
  });

  function end(reason: DeathReason, keys?: readonly string[]): void {
    if (isEnding) return;
    isEnding = true;
    const code = EXIT_CODES[reason];
    process.exitCode = code;
    clock.after(handOverMs, () => process.exit(code));
    onEnd(reason, keys);
  }

  return { memory, end };
}
