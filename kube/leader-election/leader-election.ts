import { type Clock, pause } from '../clock.ts';
import { isConflict } from '../errors.ts';
import type { Log } from '../log.ts';
import { startReflector } from '../reflector.ts';
import { collectionPath, objectPath } from '../resource.ts';
import type { Transport } from '../transport/transport.ts';
import { Leadership } from './leadership.ts';
import { type Annotations, acquired, heldByUnknown, LEASES, type Lease, type LeaseTimes, leaseTimes } from './lease.ts';

export interface ElectionOptions {
  /** Better not the one that the leader writes through: a renewal that queues behind its writes may come too late. */
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** Of this process and of no other, now or ever: a pod's name and something random. */
  readonly identity: string;
  /** Ends the candidacy. A leadership that was won ends by its own `release`. */
  readonly signal: AbortSignal;
  /** The same for all candidates. */
  readonly times?: Partial<LeaseTimes>;
  /** For the time after the election, see `LeadershipOptions`. What the Lease carried when it was taken is in `leadership.found`. */
  readonly carry?: (found: Annotations) => Annotations;
}

/** What a candidate knows of the Lease. */
interface Sight {
  readonly lease: Lease | undefined;
  /** The highest that a Lease of this name has said, also one that was deleted since. */
  readonly term: number;
  /** The annotations of the last Lease of this name: what leaders hand on is not lost with one that is deleted. */
  readonly annotations: Annotations;
  /** For how long it has stood so before our eyes. */
  stoodMs: number;
}

/** A holder may have been told to keep its lease longer than we would, but not for ever. */
const LONGEST_LEASE_MS = 60_000;
/** The wait for a lease to run out is counted in steps. */
const STEP_MS = 1000;
const RETRY_MS = 1000;
const TAKE_MS = 5000;

/**
 * Waits until this process leads; `undefined` when the signal aborts before.
 *
 * A lease is taken when its holder gave it up, which is seen at once, or when it has stood unchanged before our eyes for as
 * long as it lasts. What it says about the time of day counts for nothing. It is taken by replacing the very version that
 * has stood so long, so that a renewal which we failed to see makes the API server refuse us.
 *
 * Where there is no Lease at all, someone who held it until a moment ago may not have noticed: a candidate makes it anew in
 * the name of an unknown holder, and waits like all others for that to run out; and likewise for one that nobody ever held.
 * So the first start of all takes that long, and no later one.
 *
 * @throws {RangeError} for times or an identity with which two could lead
 */
export async function electLeader(options: ElectionOptions): Promise<Leadership | undefined> {
  const { transport, clock, namespace, name, identity, signal } = options;
  if (identity === '') throw new RangeError('a candidate needs an identity: a Lease without one is free for all');
  const log = options.log.child({ lease: `${namespace}/${name}`, identity });
  const times = leaseTimes(options.times);
  const collection = collectionPath(LEASES, namespace);
  const type = { apiVersion: LEASES.apiVersion, kind: LEASES.kind };

  let sight: Sight = { lease: undefined, term: 0, annotations: {}, stoodMs: 0 };
  /** Aborts when the sight has changed, and when the campaign is over. */
  let news = new AbortController();
  const campaign = new AbortController();
  const end = (): void => {
    campaign.abort(signal.reason);
    news.abort();
  };
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();

  const look = (lease: Lease | undefined): void => {
    if (lease?.metadata.resourceVersion === sight.lease?.metadata.resourceVersion) return;
    const term = Math.max(sight.term, lease?.spec?.leaseTransitions ?? 0);
    const annotations = lease === undefined ? sight.annotations : (lease.metadata.annotations ?? {});
    sight = { lease, term, annotations, stoodMs: 0 };
    news.abort();
    if (!campaign.signal.aborted) news = new AbortController();
  };
  const reflector = startReflector<Lease>({
    transport,
    path: collection,
    query: { fieldSelector: `metadata.name=${name}` },
    signal: campaign.signal,
    clock,
    log,
    onChange: (_, lease) => look(lease),
  });

  try {
    await reflector.synced.catch(() => undefined);
    log.info({ heldBy: sight.lease?.spec?.holderIdentity }, 'standing for election');
    while (!campaign.signal.aborted) {
      const seen = sight;
      const left = lastsMs(seen, identity, times) - seen.stoodMs;
      if (left > 0) {
        await watchOn(seen, Math.min(left, STEP_MS));
        continue;
      }
      try {
        const leadership = await stand(seen);
        if (leadership?.isHeld()) {
          log.info({ holder: leadership.holder }, 'leading');
          return leadership;
        }
        if (sight !== seen) continue;
      } catch (error) {
        log.warn({ err: error }, 'could not take the lease, trying again');
      }
      await pause(clock, RETRY_MS, campaign.signal);
    }
    return undefined;
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }

  /**
   * Time counts only as far as it was waited through: a steady clock that leaps forth, as it may in a virtual machine that
   * was moved, is no proof that the holder had that time to renew.
   */
  async function watchOn(seen: Sight, stepMs: number): Promise<void> {
    const began = clock.now();
    await pause(clock, stepMs, news.signal);
    seen.stoodMs += Math.min(clock.now() - began, 2 * stepMs);
  }

  /** Tries once to take the lease; `undefined` when there was none to take, or another was faster. */
  async function stand({ lease: before, term, annotations }: Sight): Promise<Leadership | undefined> {
    const since = { now: clock.now(), date: clock.date() };
    const limits = { deadlineMs: TAKE_MS };
    try {
      if (before === undefined) {
        const metadata = { name, namespace, ...(Object.keys(annotations).length > 0 && { annotations }) };
        const body = { ...type, metadata, spec: heldByUnknown(term, times, since.date) };
        look(await transport.request<Lease>({ method: 'POST', path: collection, body, ...limits }));
        return undefined;
      }
      const body = { ...before, ...type, spec: acquired(term + 1, { identity, times, now: since.date }) };
      const path = objectPath(LEASES, { namespace, name });
      const lease = await transport.request<Lease>({ method: 'PUT', path, body, ...limits });
      const leadership = new Leadership({ transport, clock, log, lease, times, since, carry: options.carry });
      if (campaign.signal.aborted) await leadership.release();
      return leadership;
    } catch (error) {
      if (!isConflict(error)) throw error;
      // The watch will tell as well, unless it is the watch that has failed us.
      look(await transport.request<Lease>({ path: objectPath(LEASES, { namespace, name }), ...limits }));
      return undefined;
    }
  }
}

/** For how long the lease has to stand before our eyes until it may be taken, or made. */
function lastsMs({ lease, term }: Sight, identity: string, times: LeaseTimes): number {
  if (lease === undefined) return 0;
  const { holderIdentity = '', leaseDurationSeconds = 0, leaseTransitions = 0 } = lease.spec ?? {};
  // Our own name is there when the answer to our taking it was lost.
  if (holderIdentity === identity) return 0;
  // Given up by its last holder. One of an older term or of none is nobody's either, but was not given up: someone may have
  // put it in the place of one that is held.
  if (holderIdentity === '' && leaseTransitions > 0 && leaseTransitions >= term) return 0;
  return Math.max(times.leaseMs, Math.min(leaseDurationSeconds * 1000, LONGEST_LEASE_MS));
}
