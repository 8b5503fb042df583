import { microTime } from '../micro-time.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resource.ts';

export const LEASES: Resource = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** On a Lease, as on any object. */
export type Annotations = Readonly<Record<string, string>>;

export interface Lease extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly annotations?: Annotations };
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Empty or missing: released. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  /** How often the holder has changed: the term of the one who holds it. */
  readonly leaseTransitions?: number;
}

/** How long things last, in milliseconds: `renewEveryMs` < `renewDeadlineMs` < `leaseMs`. */
export interface LeaseTimes {
  /** Without a renewal for this long, another takes over. @default 15000 */
  readonly leaseMs: number;
  /** Without a renewal for this long, the holder stops writing. What is left to `leaseMs` is the margin. @default 10000 */
  readonly renewDeadlineMs: number;
  /** @default 3000 */
  readonly renewEveryMs: number;
}

/** @throws {RangeError} when the order of the times would let two lead */
export function leaseTimes(given: Partial<LeaseTimes> = {}): LeaseTimes {
  const times = { leaseMs: 15_000, renewDeadlineMs: 10_000, renewEveryMs: 3000, ...given };
  const { leaseMs, renewDeadlineMs, renewEveryMs } = times;
  if (!(renewEveryMs > 0 && renewEveryMs < renewDeadlineMs && renewDeadlineMs < leaseMs)) {
    throw new RangeError(
      `lease times must grow from renewal (${renewEveryMs} ms) to renew deadline (${renewDeadlineMs} ms) to lease (${leaseMs} ms)`,
    );
  }
  return times;
}

/** What a Lease says of the one who holds it, by his time of day. */
interface Holding {
  readonly identity: string;
  readonly times: LeaseTimes;
  readonly now: Date;
}

export function acquired(term: number, { identity, times, now }: Holding): LeaseSpec {
  return {
    holderIdentity: identity,
    leaseDurationSeconds: wholeSeconds(times.leaseMs),
    acquireTime: microTime(now),
    renewTime: microTime(now),
    leaseTransitions: term,
  };
}

/**
 * It always differs from what was: an API server does not write what changes nothing, and candidates would not hear of it.
 * A time of day that was set back to the very millisecond of the last renewal would make it so.
 */
export function renewed(spec: LeaseSpec, now: Date): LeaseSpec {
  const renewTime = microTime(now);
  return { ...spec, renewTime: renewTime === spec.renewTime ? microTime(new Date(now.getTime() + 1)) : renewTime };
}

/** Whoever sees it may take over at once; the holder's name goes, its term stays. */
export function released(spec: LeaseSpec, now: Date): LeaseSpec {
  return { ...spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(now) };
}

const UNKNOWN = 'unknown';

/**
 * For a Lease that is made where there was none. Someone may have held one that was deleted, and not have noticed: the new
 * one is held for him, to take up again or to run out.
 */
export function heldByUnknown(term: number, times: LeaseTimes, now: Date): LeaseSpec {
  return {
    holderIdentity: UNKNOWN,
    leaseDurationSeconds: wholeSeconds(times.leaseMs),
    renewTime: microTime(now),
    leaseTransitions: term,
  };
}

/** Whether it was made after another was deleted, by a candidate or by whoever ships an empty one, and never held. */
export function isMadeAnew({ holderIdentity = '', leaseTransitions = 0 }: LeaseSpec = {}): boolean {
  return holderIdentity === UNKNOWN || (holderIdentity === '' && leaseTransitions === 0);
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
