import { isDeepStrictEqual } from 'node:util';
import type { CanaryStatus } from '../../api/generated/canary.ts';

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
