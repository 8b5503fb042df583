import type { CanarySpec, CanaryStatus } from '../../api/generated/canary.ts';

export interface ScalerLimits {
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/**
 * Between which sizes the primary's autoscaler may move it: as the target's said at the last promotion or as the canary says
 * instead, and never below what the traffic that comes back has to meet.
 *
 *     scalerLimits({ minReplicas: 2, maxReplicas: 4 }, undefined, 5) is { minReplicas: 5, maxReplicas: 5 }
 *
 * @param primaryReplicas of the status; `undefined` while nothing holds the primary
 */
export function scalerLimits(
  promoted: ScalerLimits,
  instead: NonNullable<CanarySpec['autoscalerRef']>['primaryScalerReplicas'],
  primaryReplicas: CanaryStatus['primaryReplicas'],
): ScalerLimits {
  const minReplicas = Math.max(instead?.minReplicas ?? promoted.minReplicas, primaryReplicas ?? 0);
  return { minReplicas, maxReplicas: Math.max(instead?.maxReplicas ?? promoted.maxReplicas, minReplicas) };
}
