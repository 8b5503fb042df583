import type { CanarySpec, CanaryStatus } from '../../api/generated/canary.ts';

/**
 * How many pods a canary starts with: what the spec says, as a number or as a share of the primary's rounded up. Where it says
 * nothing, as few as its autoscaler may leave it, which knows when to add some; without one, as many as the primary has.
 * Never none, as a release needs something to measure.
 *
 *     canarySize({ canaryReplicas: '25%' }, {}, 10) === 3
 *
 * @param status of the canary: the autoscaler as it was promoted last, so that all who ask know the same
 * @param primaryReplicas that are wanted, not those that are ready
 */
export function canarySize(
  { canaryReplicas, autoscalerRef }: Pick<CanarySpec, 'canaryReplicas' | 'autoscalerRef'>,
  { scaler }: Pick<CanaryStatus, 'scaler'>,
  primaryReplicas: number,
): number {
  if (typeof canaryReplicas === 'number') return canaryReplicas;
  if (canaryReplicas === undefined && autoscalerRef !== undefined && scaler !== undefined)
    return Math.max(1, scaler.minReplicas);
  const percent = canaryReplicas === undefined ? 100 : Number.parseInt(canaryReplicas, 10);
  return Math.max(1, Math.ceil((primaryReplicas * percent) / 100));
}
