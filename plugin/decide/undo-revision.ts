import type { CanaryStatus } from '../../api/generated/canary.ts';
import { isOfTemplate, revisionOf } from '../../api/revision.ts';
import { findKeptRevision, type KeptRevision } from '../cluster/kept-revisions.ts';
import type { PodTemplate } from '../cluster/target.ts';
import { CommandError } from '../command-error.ts';

/**
 * The revision to go back to: the one that is named; else the promoted one, while the target has another; else the one that
 * was promoted before it. A target that is on its way back to that one has been undone already, and stays with it: a second
 * press would take the first one back.
 *
 * @throws {CommandError} where there is none
 */
export function undoRevision(
  status: CanaryStatus,
  current: PodTemplate,
  kept: readonly KeptRevision[],
  toRevision: string | undefined,
): KeptRevision {
  if (toRevision !== undefined) return findKeptRevision(kept, toRevision);
  const { lastPromotedSpec = '' } = status;
  const revision = revisionOf(current);
  const earlier = promotedBefore(status, kept);
  if (isOfTemplate(lastPromotedSpec, revision)) {
    if (earlier !== undefined) return earlier;
    throw new CommandError('no revision is kept that was promoted before the present one');
  }
  const isUndone = earlier !== undefined && revisionOf(earlier.template) === revision && !hasFailed(status, revision);
  const back = isUndone ? earlier : kept.find((each) => each.revision === lastPromotedSpec);
  if (back !== undefined) return back;
  throw new CommandError('the promoted revision is not kept: name another one with --to-revision');
}

/** What was there before the first release stands in no history: it is kept all the same, before what is promoted. */
function promotedBefore(
  { lastPromotedSpec, history = [] }: CanaryStatus,
  kept: readonly KeptRevision[],
): KeptRevision | undefined {
  const others = kept.filter(({ revision }) => revision !== lastPromotedSpec);
  const promoted = kept.find(({ revision }) => revision === lastPromotedSpec)?.ordinal ?? 0;
  const succeeded = history.filter(({ result }) => result === 'Succeeded');
  const before = succeeded
    .map((run) => others.find(({ revision }) => revision === run.revision))
    .find((each) => each !== undefined);
  const isFirst = ({ ordinal, revision }: KeptRevision) =>
    ordinal < promoted && !history.some((run) => run.revision === revision);
  return before ?? others.find(isFirst);
}

function hasFailed({ phase, ending, lastAppliedSpec = '' }: CanaryStatus, revision: string): boolean {
  return (phase === 'Failed' || ending !== undefined) && isOfTemplate(lastAppliedSpec, revision);
}
