/** Which pods answer for the Service that clients call: all of one side, and some of the other. */
export interface ReplicaShare {
  readonly all: Side;
  /** Of the other side. */
  readonly some: number;
}

export type Side = 'primary' | 'canary';

/**
 * How a weight is met by numbers of pods, as kube-proxy gives each pod the same share of the connections. All pods of the
 * side that gets more answer, and of the other side as many as come nearest to its share; never none, as a step that gives
 * nothing would measure nothing.
 *
 *     replicaShare(20, { primary: 4, canary: 4 }) // all of the primary and 1 canary pod: 20 %
 *     replicaShare(75, { primary: 4, canary: 4 }) // all of the canary and 1 primary pod: 80 %
 *     replicaShare(10, { primary: 1, canary: 1 }) // 50 %: with one pod each there is nothing between
 *
 * @param weight percent for the canary
 * @param ready pods that can answer
 */
export function replicaShare(weight: number, ready: Readonly<Record<Side, number>>): ReplicaShare {
  const all: Side = weight > 50 ? 'canary' : 'primary';
  const less = Math.min(weight, 100 - weight);
  if (less === 0) return { all, some: 0 };
  const [most, other] = all === 'canary' ? [ready.canary, ready.primary] : [ready.primary, ready.canary];
  return { all, some: Math.min(other, Math.max(1, Math.round((less * most) / (100 - less)))) };
}

/** Percent of the pods that are the canary's; never 0 or 100 where both sides have one. */
export function shareOf({ all, some }: ReplicaShare, ready: Readonly<Record<Side, number>>): number {
  const most = ready[all];
  const share = some === 0 ? 0 : Math.min(99, Math.max(1, Math.round((100 * some) / (most + some))));
  return all === 'primary' ? share : 100 - share;
}
