import { pause as pauseBy, systemClock } from '../../../kube/clock.ts';

/** Waits, or returns at once when the signal aborts: the caller looks at the signal anyway. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return pauseBy(systemClock, ms, signal);
}
