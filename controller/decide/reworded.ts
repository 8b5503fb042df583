import { isDeepStrictEqual } from 'node:util';
import type { CanaryStatus } from '../../api/generated/canary.ts';

/** What is waited for, such as how many pods are ready, is told this long after the last write at the earliest. */
const LEAST_MS = 2000;
/** On a busy day a status may be so far behind what is waited for, and no further. */
const MOST_MS = 15_000;
/** At most so small a part of the time goes into telling what is waited for. */
const TIMES = 100;

/**
 * How long what is waited for is kept to ourselves after a write: an API server that takes long for one has hundreds of canaries
 * to move, and is not to be kept from it by what they wait for.
 *
 * @param tookMs of the last write of any status
 */
export function rewordingPause(tookMs: number): number {
  return Math.min(MOST_MS, Math.max(LEAST_MS, TIMES * tookMs));
}

/**
 * Whether two statuses differ in nothing but what is waited for, and in the weight that is seen meanwhile: most waits, above all
 * that for a gateway, are over before anybody could read of them, and what comes next is written with the weight.
 */
export function isReworded(before: CanaryStatus, after: CanaryStatus): boolean {
  return isDeepStrictEqual(essence(before), essence(after));
}

function essence(status: CanaryStatus): object {
  const { waitingFor: _waitingFor, summary: _summary, target: _target, actualWeight: _actualWeight, ...rest } = status;
  return rest;
}
