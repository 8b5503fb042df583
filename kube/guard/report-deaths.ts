import { DEATHS_ANNOTATION } from '../../api/keys.ts';
import { type Clock, pause } from '../clock.ts';
import { isConflict, isNotFound } from '../errors.ts';
import { LEASES, type Lease, released } from '../leader-election/lease.ts';
import type { Log } from '../log.ts';
import { objectPath } from '../resource.ts';
import type { Transport } from '../transport/transport.ts';
import type { Marks } from './marks.ts';
import { deathsIn, deathsText } from './quarantine-record.ts';

export interface ReportOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the Lease. */
  readonly namespace: string;
  readonly name: string;
  readonly marks: Marks;
  readonly signal: AbortSignal;
}

const TRIES = 10;
const RETRY_MS = 1000;
const DEADLINE_MS = 3000;

/**
 * Reports in the Lease how the process before this one died, for whoever leads now or next, and gives the lease up if that process
 * still holds it: it is gone, as this one has its place. So the next leader comes within moments, and knows.
 *
 * Never throws: what could not be reported stays in the marks, and is judged once this process leads.
 */
export async function reportDeaths(options: ReportOptions): Promise<void> {
  const { clock, log, marks, signal } = options;
  const { pending, before } = marks;
  if (pending.length === 0 && before.holder === undefined) return;
  for (const { id, reason, at, trial, keys } of pending) {
    const names = keys.map(({ key }) => key);
    log.error({ id, reason, at: new Date(at), trial, keys: names }, 'a process before this one died at its work');
  }
  for (let attempt = 1; attempt <= TRIES && !signal.aborted; attempt++) {
    try {
      await report(options);
      marks.told(pending.map(({ id }) => id));
      return;
    } catch (error) {
      // Nobody leads yet, or somebody has deleted the Lease.
      if (isNotFound(error)) return;
      if (isConflict(error)) continue;
      log.warn({ err: error }, 'could not report how the process before this one died, trying again');
      await pause(clock, RETRY_MS, signal);
    }
  }
}

async function report({ transport, clock, log, namespace, name, marks, signal }: ReportOptions): Promise<void> {
  const { pending, before } = marks;
  const path = objectPath(LEASES, { namespace, name });
  const limits = { signal, deadlineMs: DEADLINE_MS };
  const lease = await transport.request<Lease>({ path, ...limits });
  const { annotations = {} } = lease.metadata;
  const known = deathsIn(annotations[DEATHS_ANNOTATION]);
  const text = deathsText([...known.filter(({ id }) => pending.every((death) => death.id !== id)), ...pending]);
  const { holderIdentity = '', leaseTransitions = 0 } = lease.spec ?? {};
  const isOfTheDead = before.holder === `${holderIdentity}/${leaseTransitions}`;
  if (pending.length === 0 && !isOfTheDead) return;
  const body = {
    ...lease,
    ...{ apiVersion: LEASES.apiVersion, kind: LEASES.kind },
    metadata: {
      ...lease.metadata,
      annotations: { ...annotations, ...(text !== undefined && { [DEATHS_ANNOTATION]: text }) },
    },
    ...(isOfTheDead && { spec: released(lease.spec ?? {}, clock.date()) }),
  };
  await transport.request<Lease>({ method: 'PUT', path, body, ...limits });
  if (isOfTheDead) log.info({ holder: before.holder }, 'released the lease of the process before this one');
}
