import type { Clock } from '../../kube/clock.ts';

export interface Repainter {
  /** Something has changed. It is painted at once, or as soon as the last painting is long enough ago. */
  request(): void;
  /** Nothing is painted any more. */
  stop(): void;
}

/** Five times a second: what changes faster cannot be read. */
const PAUSE_MS = 200;

/** Paints what changes, and no more often than can be read; the last change is always painted. */
export function createRepainter(clock: Clock, paint: () => void): Repainter {
  let last = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;
  let isStopped = false;
  function paintNow(): void {
    cancel = undefined;
    last = clock.now();
    paint();
  }
  return {
    request() {
      if (isStopped || cancel !== undefined) return;
      const waitMs = last + PAUSE_MS - clock.now();
      if (waitMs <= 0) paintNow();
      else cancel = clock.after(waitMs, paintNow);
    },
    stop() {
      isStopped = true;
      cancel?.();
    },
  };
}
