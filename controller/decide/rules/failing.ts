// How a release is given up.
import type { CheckStatus } from '../../../api/generated/canary.ts';
import type { Note } from '../decision.ts';
import type { Situation } from '../situation.ts';
import { type changed, ending, iso, NO_TRAFFIC } from '../status.ts';
import { haltReason, warning } from '../texts.ts';
import { hasPod } from './standing.ts';

export function rolledBack(
  situation: Situation,
  failedChecks: number,
  change: Parameters<typeof changed>[1],
  notes: readonly Note[],
  checks: readonly CheckStatus[] = [],
) {
  const { targetTitle } = situation;
  const text = `Rolling back ${targetTitle} failed checks threshold reached ${failedChecks}`;
  const message = [`${failedChecks} checks have failed`, ...checks.map(haltReason)].join('; ');
  return failed(situation, 'ThresholdReached', message, [...notes, warning('RollBack', text)], change);
}

/** Traffic is not sent to a side that has no pod, or is about to be left without one, where the other has one. */
export function staysOnCanary({ status, target, primary }: Situation): boolean {
  const isEmptied = primary?.mayBeEmptied === true && primary.revision !== status.lastPromotedSpec;
  return hasPod(target) && (!hasPod(primary) || isEmptied);
}

/**
 * Somebody wants the release to end, which may be being promoted: the primary gets its last good template back. Until then its
 * traffic stays on a canary that has pods, where the primary has none or may lose them.
 */
export function takenBack(
  situation: Situation,
  how: Omit<NonNullable<Situation['status']['ending']>, 'result'> & { readonly result: 'Failed' | 'Aborted' },
  notes: readonly Note[],
) {
  const { status, now } = situation;
  const { reason, message, by } = how;
  const stays = status.phase === 'Promoting' && staysOnCanary(situation);
  const failure = { reason, message: message.slice(0, 4096), failedAt: iso(now), ...(by !== undefined && { by }) };
  const change = { failure, ...(stays ? {} : NO_TRAFFIC) };
  return { kind: 'move', status: ending(situation, how, change), notes } as const;
}

/** All traffic to the primary, which has not been touched; the rest is clearing away. */
export function failed(
  situation: Situation,
  reason: string,
  message: string,
  notes: readonly Note[],
  change: Parameters<typeof changed>[1] = {},
) {
  const how = { result: 'Failed', reason, message } as const;
  const failure = { reason, message: message.slice(0, 4096), failedAt: iso(situation.now) };
  const status = ending(situation, how, {
    ...change,
    nextCheckAt: undefined,
    failure,
    ...NO_TRAFFIC,
  });
  return { kind: 'move', status, notes } as const;
}
