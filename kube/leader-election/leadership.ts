import { setMaxListeners } from 'node:events';
import { type Clock, pause } from '../clock.ts';
import { isConflict, isNotFound } from '../errors.ts';
import type { Log } from '../log.ts';
import { collectionPath, objectPath } from '../resource.ts';
import type { Fence } from '../transport/fence.ts';
import type { KubeRequest, Transport } from '../transport/transport.ts';
import {
  type Annotations,
  isMadeAnew,
  LEASES,
  type Lease,
  type LeaseSpec,
  type LeaseTimes,
  released,
  renewed,
} from './lease.ts';

export interface LeadershipOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** As the API server answered when we took it. */
  readonly lease: Lease;
  readonly times: LeaseTimes;
  /** When the request that took the lease was sent, by the clock and by the time of day. */
  readonly since: Moment;
  /**
   * The Lease's annotations with each of our writes, from those that it had: so that leaders can hand things on to each other without a
   * request of their own. May be called more than once for one write.
   */
  readonly carry?: ((found: Annotations) => Annotations) | undefined;
}

export interface Moment {
  readonly now: number;
  readonly date: Date;
}

/** Why a leadership ended. */
export type Loss = 'expired' | 'taken' | 'released';

/** The reason with which `lost` aborts. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost';
  readonly loss: Loss;

  constructor(holder: string, loss: Loss) {
    super(`${holder}: the lease is ${loss === 'taken' ? 'another’s' : loss}`);
    this.loss = loss;
  }
}

const TYPE = { apiVersion: LEASES.apiVersion, kind: LEASES.kind };
const RELEASE_MS = 2000;
/** Between two tries of a renewal that failed. */
const RETRY_MS = 1000;

/**
 * The time for which a process is the one that may write, from winning a Lease to losing it or giving it up. It cannot be
 * won back: a process that has lost starts anew, best as a new process.
 *
 * It is judged by our own clock alone, from the moment when the last renewal that succeeded was *sent*. A candidate counts
 * from the moment when it *saw* that renewal, which is later, and waits longer. So we have stopped before it starts, whatever
 * the clocks of the two say about the time of day.
 */
export class Leadership implements Fence {
  readonly holder: string;
  /** Grows from holder to holder; begins anew where the Lease is deleted and no candidate is left who saw it. */
  readonly term: number;
  readonly lost: AbortSignal;
  /** The annotations of the Lease when it was taken. */
  readonly found: Annotations;

  readonly #options: LeadershipOptions;
  readonly #losing = new AbortController();
  readonly #renewing: Promise<void>;
  #lease: Lease;
  #renewedAt: Moment;
  #cancelExpiry: () => void;
  #release: Promise<void> | undefined;
  /** Ends the wait for the next renewal. */
  #kick = new AbortController();
  /** Who waits for a renewal that begins from now on. */
  #asked: ((isWritten: boolean) => void)[] = [];

  constructor(options: LeadershipOptions) {
    const { lease, since } = options;
    this.#options = options;
    this.#lease = lease;
    this.#renewedAt = since;
    this.term = lease.spec?.leaseTransitions ?? 0;
    this.holder = `${lease.spec?.holderIdentity ?? ''}/${this.term}`;
    this.lost = this.#losing.signal;
    this.found = lease.metadata.annotations ?? {};
    // One for each write under way, which is no leak.
    setMaxListeners(0, this.lost);
    this.#cancelExpiry = this.#expireInTime();
    this.#renewing = this.#renew();
  }

  /**
   * Whether the lease is surely ours at this very moment. A timer that has not fired proves nothing, in a process that was
   * stopped and goes on; and a machine that was suspended may not have counted that time on its steady clock, so that the
   * time of day is asked as well: one that jumps forth costs a leadership, one that jumps back changes nothing.
   */
  isHeld(): boolean {
    const { clock, times } = this.#options;
    const elapsed = Math.max(
      clock.now() - this.#renewedAt.now,
      clock.date().getTime() - this.#renewedAt.date.getTime(),
    );
    if (elapsed >= times.renewDeadlineMs) this.#lose('expired');
    return !this.lost.aborted;
  }

  /**
   * Gives the lease up, for the next candidate to take at once. To be called when the last write is answered: none is let
   * through any more, and one that is broken off may arrive after the next holder's first. Never throws; a release that fails
   * costs the next one the wait for the lease to run out.
   */
  release(): Promise<void> {
    this.#release ??= this.#giveUp();
    return this.#release;
  }

  /** Renews at once, for what `carry` has to add. Resolves once that is written, with false if the lease is lost before. */
  renewNow(): Promise<boolean> {
    if (this.lost.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      this.#kick.abort();
    });
  }

  async #giveUp(): Promise<void> {
    const held = this.isHeld();
    this.#lose('released');
    await this.#renewing;
    if (!held) return;
    const { clock, log } = this.#options;
    try {
      await this.#replace((spec) => released(spec, clock.date()), { deadlineMs: RELEASE_MS });
      log.info({ holder: this.holder }, 'released the lease');
    } catch (error) {
      log.warn({ holder: this.holder, err: error }, 'could not release the lease, it will run out');
    }
  }

  async #renew(): Promise<void> {
    const { clock, log, times } = this.#options;
    let wait = times.renewEveryMs;
    for (;;) {
      this.#kick = new AbortController();
      if (this.#asked.length > 0 && wait === times.renewEveryMs) this.#kick.abort();
      await pause(clock, wait, this.#kick.signal);
      if (!this.isHeld()) return;
      const sent = { now: clock.now(), date: clock.date() };
      const asked = this.#asked.splice(0);
      try {
        await this.#writeRenewal(sent);
        for (const tell of asked) tell(true);
        if (!this.isHeld()) return;
        this.#renewedAt = sent;
        this.#cancelExpiry();
        this.#cancelExpiry = this.#expireInTime();
        wait = times.renewEveryMs;
      } catch (error) {
        this.#asked.unshift(...asked);
        if (!this.isHeld()) {
          this.#tellLost();
          return;
        }
        log.warn({ holder: this.holder, err: error }, 'could not renew the lease, trying again');
        wait = Math.min(RETRY_MS, times.renewEveryMs);
      }
    }
  }

  async #writeRenewal(sent: Moment): Promise<void> {
    const { transport, times } = this.#options;
    const left = this.#renewedAt.now + times.renewDeadlineMs - sent.now;
    // One answer that never comes must leave time for another try. And a renewal is a write like any other: none is sent
    // by a process that goes on after its time.
    const limits = { fence: this, deadlineMs: Math.min(left, times.renewEveryMs) };
    try {
      await this.#replace((spec) => renewed(spec, sent.date), limits);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // Someone deleted it. Only one can make it anew, and whoever does so without having held it waits a whole lease.
      const { name, namespace } = this.#lease.metadata;
      const spec = renewed(this.#lease.spec ?? {}, sent.date);
      const path = collectionPath(LEASES, namespace);
      const body = { ...TYPE, metadata: this.#carried({ name, namespace }), spec };
      this.#lease = await transport.request<Lease>({ method: 'POST', path, body, ...limits });
    }
  }

  /** Replaces the very version that we know: of two who write, the API server lets one through. */
  async #replace(
    change: (spec: LeaseSpec) => LeaseSpec,
    limits: Pick<KubeRequest, 'deadlineMs' | 'fence'>,
  ): Promise<void> {
    const { transport } = this.#options;
    const path = objectPath(LEASES, this.#lease.metadata);
    const put = async (): Promise<void> => {
      const metadata = this.#carried(this.#lease.metadata);
      const body = { ...this.#lease, ...TYPE, metadata, spec: change(this.#lease.spec ?? {}) };
      this.#lease = await transport.request<Lease>({ method: 'PUT', path, body, ...limits });
    };
    try {
      await put();
    } catch (error) {
      if (!isConflict(error)) throw error;
      // Someone wrote it: ourselves, with an answer that was lost; `kubectl annotate`; or the next holder.
      const found = await transport.request<Lease>({ path, ...limits });
      const lease = this.#asOurs(found);
      if (lease === undefined) {
        this.#lose('taken');
        throw error;
      }
      this.#lease = lease;
      await put();
    }
  }

  #carried<T extends object>(metadata: T & { readonly annotations?: Annotations }): T {
    const { carry } = this.#options;
    return carry === undefined ? metadata : { ...metadata, annotations: carry(metadata.annotations ?? {}) };
  }

  #tellLost(): void {
    for (const tell of this.#asked.splice(0)) tell(false);
  }

  /** The Lease as found, if it still says that we hold it; `undefined` if it is another's. */
  #asOurs(found: Lease): Lease | undefined {
    const ours = this.#lease.spec;
    const { holderIdentity, leaseTransitions } = found.spec ?? {};
    if (holderIdentity === ours?.holderIdentity && leaseTransitions === ours?.leaseTransitions) return found;
    // After someone had deleted it. Whoever holds it takes it up again; all others wait.
    return isMadeAnew(found.spec) && this.isHeld() ? { ...found, spec: ours ?? {} } : undefined;
  }

  #expireInTime(): () => void {
    const { clock, times } = this.#options;
    // A timer may fire a moment early.
    const left = Math.max(1, this.#renewedAt.now + times.renewDeadlineMs - clock.now());
    return clock.after(left, () => {
      if (this.isHeld()) this.#cancelExpiry = this.#expireInTime();
    });
  }

  #lose(loss: Loss): void {
    if (this.lost.aborted) return;
    this.#cancelExpiry();
    const reason = new LeadershipLost(this.holder, loss);
    if (loss !== 'released') this.#options.log.error({ holder: this.holder, loss }, 'lost the lease: no more writes');
    this.#losing.abort(reason);
    this.#kick.abort();
    this.#tellLost();
  }
}
