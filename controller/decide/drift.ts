// Drift of the primary: its pod template is not what we wrote. What we wrote is known by what the API server answered then,
// with the defaults and sidecars of the cluster, and stands in the status, which nobody else writes. The annotation on the
// primary says nothing: whoever changes the template can write it too.
import type { PrimaryRecord } from '../../api/generated/canary.ts';
import { seconds } from './conditions.ts';
import type { Decision, Note, Waits } from './decision.ts';
import { DRIFTED, driftText } from './drift-condition.ts';
import type { PrimaryFacts } from './observation.ts';
import type { Situation } from './situation.ts';
import { changed, iso } from './status.ts';
import { normal, warning } from './texts.ts';
import { waiting } from './wait.ts';

type Seen = Pick<Situation, 'primary' | 'status' | 'canary' | 'primaryTitle' | 'now'>;

/** Whoever goes on writing it, such as a GitOps tool, is not raced with. */
const RESTORE_PAUSE_MS = 60_000;

/** The situation with what is known of the primary's pod template by now, and what is to be told of that. */
export interface Recorded {
  readonly situation: Situation;
  readonly notes: readonly Note[];
  /** Before drift is told: whether it is what our own write would make, of which the API server has changed its reading. */
  readonly first?: Decision;
}

/** Brings the record of the primary up to date. */
export function recordedPrimary(situation: Situation): Recorded {
  const { primary, status } = situation;
  const before = status.primary;
  const isGoing = situation.canary.metadata.deletionTimestamp !== undefined;
  if (primary?.template === undefined || isGoing) return { situation, notes: [] };
  const { written } = primary;
  if (written !== undefined && written.uid === primary.uid && isNews(before, written)) {
    const { revision, template, uid, generation } = written;
    const isOver = before?.changedTo !== undefined;
    const record = { revision, template, uid, generation, ...(isOver && { restoredAt: iso(situation.now) }) };
    const notes = isOver ? [overwritten(situation, before.revision === revision)] : [];
    return compared(withRecord(situation, record), notes);
  }
  return compared(situation, []);
}

/** Compares the primary with its record. */
function compared(situation: Situation, notes: readonly Note[]): Recorded {
  const { primary, status, canary, primaryTitle, target } = situation;
  const record = status.primary;
  if (primary?.template === undefined) return { situation, notes };
  const { template, uid = '', generation } = primary;
  const revision = wantedRevision(situation);
  if (record === undefined) {
    // Of an earlier version: as it is found, where that is what was promoted as far as anybody can say.
    const isKnown = revision !== undefined && primary.revision === revision && revision === status.lastPromotedSpec;
    return isKnown
      ? { situation: withRecord(situation, { revision, template, uid, generation }), notes }
      : { situation, notes };
  }
  const { changedTo: _to, changedAt: _at, ...written } = record;
  if (record.template === template) {
    if (record.changedTo === undefined && record.uid === uid) return { situation, notes };
    const back = normal('Drift', `The pod template of ${primaryTitle} is as it was promoted again`);
    const news = record.changedTo === undefined ? [] : [back];
    return { situation: withRecord(situation, { ...written, uid, generation }), notes: [...notes, ...news] };
  }
  // Killed after our write, before it was recorded: it is written again.
  if (record.revision !== revision || record.changedTo === template) return { situation, notes };
  const reread = { ...written, template, uid, generation };
  if (record.uid === uid && record.generation === generation)
    return { situation: withRecord(situation, reread), notes };
  if (primary.wouldBe === undefined && target !== undefined)
    return { situation, notes, first: { kind: 'act', effect: { kind: 'compare primary', revision } } };
  if (primary.wouldBe === template) return { situation: withRecord(situation, reread), notes };
  const drifted = { ...record, changedTo: template, changedAt: seconds(situation.now) };
  const what = warning(
    'Drift',
    `${driftText({ ...situation, status: { ...status, primary: drifted } })}: ${AFTER[modeOf(canary)]}`,
  );
  return { situation: withRecord(situation, drifted), notes: [...notes, what] };
}

/** What comes of it. */
const AFTER = {
  hold: 'no release goes on until it is put right, or spec.drift is restore or report',
  restore: 'the promoted one is written back',
  report: 'it stays until the next promotion, which overwrites it',
} as const;

/** A write of another pod template makes another generation; one of the same only says which revision it is of. */
function isNews(record: PrimaryRecord | undefined, written: NonNullable<PrimaryFacts['written']>): boolean {
  if (record === undefined || record.uid !== written.uid) return true;
  if (record.generation !== written.generation) return record.generation < written.generation;
  return record.revision !== written.revision || record.template !== written.template;
}

function withRecord(situation: Situation, primary: PrimaryRecord): Situation {
  const status = changed(situation.status, { primary });
  return { ...situation, status, canary: { ...situation.canary, status } };
}

function overwritten({ primaryTitle }: Seen, isSame: boolean): Note {
  return isSame
    ? normal('Restore', `The promoted pod template is back in ${primaryTitle}`)
    : warning(
        'Promote',
        `The promotion has overwritten the pod template that somebody had written into ${primaryTitle}`,
      );
}

/** The revision that the primary is to have now. */
function wantedRevision({ status }: Pick<Situation, 'status'>): string | undefined {
  const isPromoting = status.phase === 'Promoting' && status.ending === undefined;
  return isPromoting ? status.lastAppliedSpec : status.lastPromotedSpec;
}

/** Whether the primary was given this revision, by its record; where there is none to be had, by what is written on it. */
export function wasGiven({ primary, status }: Pick<Situation, 'primary' | 'status'>, revision: string): boolean {
  if (primary?.revision !== revision) return false;
  return primary.template === undefined || status.primary?.revision === revision;
}

export function isDrifted({ primary, status }: Pick<Situation, 'primary' | 'status'>): boolean {
  return primary?.template !== undefined && status.primary?.changedTo !== undefined;
}

function modeOf({ spec }: Situation['canary']): 'hold' | 'restore' | 'report' {
  return spec.drift ?? 'hold';
}

/** Whether drift is to be put right, and when that may be done. */
export function restoresAt(situation: Seen): number | undefined {
  return modeOf(situation.canary) === 'restore' ? rewritesAt(situation) : undefined;
}

/** When what we have written, and somebody has changed since, may be written again. */
export function rewritesAt({ status, now }: Seen): number {
  const last = Date.parse(status.primary?.restoredAt ?? '');
  return Number.isNaN(last) ? now : Math.min(last, now) + RESTORE_PAUSE_MS;
}

/** Holds what would go on, where drift is not only reported. */
export function heldByDrift(situation: Situation, isTold = true): Waits | undefined {
  const { status, canary, canaryTitle } = situation;
  if (!isDrifted(situation) || modeOf(canary) === 'report') return undefined;
  const message = `${driftText(situation)}: put it right, or set spec.drift to restore or report`;
  const note = isTold ? warning('Hold', `Halt ${canaryTitle} advancement: ${message}`) : undefined;
  const wait = waiting(status, { reason: DRIFTED, message, note });
  const until = restoresAt(situation);
  return until === undefined ? wait : { ...wait, until };
}
