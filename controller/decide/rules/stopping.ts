// A person ends a release, or has one that was not promoted tried again.
import { shortRevision } from '../../../api/revision.ts';
import { byOf, type RequestedAction } from '../requested-action.ts';
import type { Situation } from '../situation.ts';
import { iso, newRun } from '../status.ts';
import { askedFor, normal, warning } from '../texts.ts';
import { done, rejected, unchanged, type Verdict } from '../verdict.ts';
import { takenBack } from './failing.ts';

/** In every phase of a release, also while it is being promoted. */
export function abort(situation: Situation, action: RequestedAction): Verdict {
  const who = byOf(action);
  const message = askedFor(who);
  const how = { result: 'Aborted', reason: 'Aborted', message, ...(who.by !== undefined && { by: who.by }) } as const;
  const text = `Aborted ${situation.canaryTitle}: ${message}`;
  const { status, notes } = takenBack(situation, how, [warning('Abort', text)]);
  return done(status, notes, 'all traffic goes to the primary');
}

/** The same revision from the beginning, with its gates and checks. */
export function retry(situation: Situation, action: RequestedAction): Verdict {
  const { status, refusals, primary, targetTitle, now } = situation;
  const { lastAppliedSpec: revision = '', ending } = status;
  if (ending !== undefined) {
    // An abort and a retry after it may be asked for in one breath.
    return ending.result === 'Failed' || ending.result === 'Aborted' ? { kind: 'later' } : rejected(ending.message);
  }
  if (status.phase !== 'Failed') {
    return status.phase === 'Succeeded' ? rejected('it was promoted') : unchanged('the release is under way');
  }
  const [refusal] = refusals;
  if (refusal !== undefined) return rejected(refusal.message);
  if (primary === undefined || primary.revision !== status.lastPromotedSpec) {
    return rejected('the primary is not at the promoted revision yet');
  }
  const who = byOf(action);
  const text = `Retrying revision ${shortRevision(revision)} of ${targetTitle}: ${askedFor(who)}`;
  const triggeredBy = who.by === undefined ? undefined : { username: who.by, changedAt: iso(now) };
  const { triggeredBy: _before, ...fresh } = newRun(situation, revision);
  const run = triggeredBy === undefined ? fresh : { ...fresh, triggeredBy };
  return done(run, [normal('Retry', text)], 'it begins again', { kind: 'keep revision', revision });
}
