export interface BackOffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** A failure this long after the one before counts as a first one. @default twice maxMs */
  readonly resetMs?: number;
}

/** How long to wait after the n-th failure. */
export interface BackOff {
  readonly delayMs: number;
  readonly lastFailure: number;
}

/** Containers that end: the first restart is at once, the next ones after 10 s, 20 s, ... 300 s. */
export const CRASH_LOOP: BackOffOptions = { initialMs: 10_000, maxMs: 300_000 };
/** Images that cannot be pulled: from the first failure on. */
export const IMAGE_PULL: BackOffOptions = { initialMs: 10_000, maxMs: 300_000 };
/** Volumes that cannot be mounted. */
export const VOLUME_MOUNT: BackOffOptions = { initialMs: 500, maxMs: 122_000 };

/** The state after a failure at `now`: doubled, unless the one before is long past. */
export function nextBackOff(previous: BackOff | undefined, now: number, options: BackOffOptions): BackOff {
  const { initialMs, maxMs, resetMs = 2 * maxMs } = options;
  if (previous === undefined || now - previous.lastFailure > resetMs) return { delayMs: initialMs, lastFailure: now };
  return { delayMs: Math.min(maxMs, previous.delayMs * 2), lastFailure: now };
}

/** A delay as Go prints it: `10s`, `1m20s`, `5m0s`. */
export function formatDelay(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
