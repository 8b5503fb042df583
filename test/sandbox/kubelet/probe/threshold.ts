import type { ProbeResult } from './result.ts';

/** How a probe stands: what has been decided, and how often the newest outcome has come in a row. */
export interface ProbeStanding {
  readonly healthy: boolean | undefined;
  readonly lastOk: boolean | undefined;
  readonly inARow: number;
}

export interface Thresholds {
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

/** The standing after one more result: it changes only when enough equal outcomes have come in a row. */
export function count(standing: ProbeStanding, result: ProbeResult, thresholds: Thresholds): ProbeStanding {
  const ok = result.outcome !== 'failure';
  const inARow = standing.lastOk === ok ? standing.inARow + 1 : 1;
  const needed = ok ? thresholds.successThreshold : thresholds.failureThreshold;
  return { healthy: inARow >= needed ? ok : standing.healthy, lastOk: ok, inARow };
}
