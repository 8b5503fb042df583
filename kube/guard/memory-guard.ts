import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

/** What the process uses, in bytes. */
export interface MemoryFigures {
  readonly rss: number;
  readonly heapUsed: number;
  /** That V8 allows itself. */
  readonly heapLimit: number;
}

export interface MemoryGuardOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly figures: () => MemoryFigures;
  /** Of the container, in bytes; `undefined`: only V8's own limit is watched. */
  readonly limit: number | undefined;
  /** Keys whose calls run, or ended so many milliseconds ago at most. */
  readonly active?: (withinMs: number) => readonly string[];
  /** The memory is nearly used up: the process should hand over and end. Called once. */
  readonly onFull: (grownBy: readonly string[], text: string) => void;
  readonly signal: AbortSignal;
}

export interface MemoryGuard {
  /** All objects are known: what is used now is used for good. */
  readonly settled: () => void;
  /** 1 where the limit is too small for what the process needs at rest, so that a restart would not help. */
  readonly isTooSmall: () => boolean;
}

const EVERY_MS = 1000;
/** Of the limit. What comes on top, such as the kernel's own memory of sockets, is in the rest. */
const FULL = 0.88;
/** Of the limit, right after the start: a restart would soon be followed by the next. */
const TOO_SMALL = 0.75;
/** Garbage that is about to be collected is no reason. */
const SAMPLES = 3;
/** So much growth in one sample cannot wait for more of them. */
const LEAP = 0.05;
const SAY_AGAIN_MS = 600_000;
/** Keys with so much of the growth of the one that grew most are accused with it. */
const SHARE = 0.5;
const MAX_KEYS = 4;
const MAX_COUNTED = 1000;

/**
 * Has the process restart before the kernel or V8 ends it, so that it hands over in order. Each second's growth is
 * counted against the keys that ran in it; those with the most are named.
 */
export function startMemoryGuard(options: MemoryGuardOptions): MemoryGuard {
  const { clock, log, figures, limit, active, onFull, signal } = options;
  const grown = new Map<string, number>();
  let isFull = false;
  let isTooSmall = false;
  let above = 0;
  let last = figures();
  let saidAt = Number.NEGATIVE_INFINITY;

  const usedShare = ({ rss, heapUsed, heapLimit }: MemoryFigures): number =>
    Math.max(limit === undefined ? 0 : rss / limit, heapUsed / heapLimit);

  function look(): void {
    if (signal.aborted || isFull) return;
    const seen = figures();
    const growth = Math.max(seen.rss - last.rss, seen.heapUsed - last.heapUsed);
    if (growth > 0) blame(growth);
    const share = usedShare(seen);
    const leapt = share - usedShare(last) >= LEAP;
    last = seen;
    above = share >= FULL ? above + 1 : 0;
    if (above >= SAMPLES || (above > 0 && leapt)) full(seen);
    if (!isFull) cancel = clock.after(EVERY_MS, look);
  }

  function blame(growth: number): void {
    const keys = active?.(EVERY_MS * 2) ?? [];
    for (const key of keys) grown.set(key, (grown.get(key) ?? 0) + growth / keys.length);
    if (grown.size <= MAX_COUNTED) return;
    // What is left of long ago says nothing about now.
    for (const [key, bytes] of grown) {
      if (bytes < growth) grown.delete(key);
    }
    if (grown.size > MAX_COUNTED) grown.clear();
  }

  function full({ rss, heapUsed, heapLimit }: MemoryFigures): void {
    const text = `memory ${mebibytes(rss)} of ${mebibytes(limit ?? Number.NaN)}, heap ${mebibytes(heapUsed)} of ${mebibytes(heapLimit)} MiB`;
    if (isTooSmall) {
      if (clock.now() - saidAt < SAY_AGAIN_MS) return;
      saidAt = clock.now();
      log.error({}, `${text}: the limit is too small for what is watched here, and a restart would not help; raise it`);
      return;
    }
    isFull = true;
    const sorted = [...grown].toSorted(([, one], [, other]) => other - one);
    const most = sorted[0]?.[1] ?? 0;
    onFull(
      sorted
        .filter(([, bytes]) => bytes >= most * SHARE)
        .slice(0, MAX_KEYS)
        .map(([key]) => key),
      text,
    );
  }

  let cancel = clock.after(EVERY_MS, look);
  signal.addEventListener('abort', () => cancel(), { once: true });
  return {
    settled() {
      isTooSmall = usedShare(figures()) >= TOO_SMALL;
      if (isTooSmall)
        log.warn({ limit }, 'after its start the process needs three quarters of its memory: raise the limit');
      grown.clear();
    },
    isTooSmall: () => isTooSmall,
  };
}

function mebibytes(bytes: number): string {
  return Number.isNaN(bytes) ? 'no limit' : String(Math.round(bytes / 2 ** 20));
}
