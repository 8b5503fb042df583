import { KubeError } from '../errors.ts';

/**
 * The right to write, which a leader holds and can lose at any moment. A `Leadership` is one.
 *
 * A fence is judged on this side of the wire: a write that has left is beyond recall. Where one that arrives late would do
 * harm, it carries the resourceVersion that it was decided on as well, and the API server refuses it.
 */
export interface Fence {
  /** The holder and its term, `canary-controller-7d4f/3`: sent along, so that the API server's audit log tells who wrote. */
  readonly holder: string;
  /** Aborts when the right is lost: writes under way are broken off. */
  readonly lost: AbortSignal;
  /** Whether the right is surely ours now, by the clocks and not only by what timers have found out. */
  isHeld(): boolean;
}

export function notLeader(holder: string, request: string): KubeError {
  return new KubeError({
    status: 0,
    reason: 'NotLeader',
    message: `${request}: not sent, as ${holder} no longer holds the lease`,
  });
}
