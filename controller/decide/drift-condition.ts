// What the conditions say of a primary that somebody has changed.
import type { Condition } from '../../api/generated/canary.ts';
import { withCondition } from './conditions.ts';
import type { Situation } from './situation.ts';

type Seen = Pick<Situation, 'status' | 'canary' | 'primaryTitle' | 'now'>;

/** What a canary waits with until its primary is put right, and the condition's reason. */
export const DRIFTED = 'PrimaryDrifted';

/** `the pod template of podinfo-primary.test is not the one that was promoted, somebody has changed it`. */
export function driftText({ primaryTitle, status }: Pick<Seen, 'primaryTitle' | 'status'>): string {
  const since = status.primary?.changedAt === undefined ? '' : ` (seen at ${status.primary.changedAt})`;
  return `the pod template of ${primaryTitle} is not the one that was promoted, as somebody has changed it${since}`;
}

const SINCE = ', but its pod template was changed since';

/** The conditions with what is known of drift: none for a primary that nobody has ever changed. */
export function driftConditions(situation: Seen, conditions: readonly Condition[]): readonly Condition[] {
  const { primary: record } = situation.status;
  const isNow = record?.changedTo !== undefined;
  if (!isNow && !conditions.some(({ type }) => type === 'PrimaryInSync')) return conditions;
  const { canary, now } = situation;
  const truthful = conditions.map((each) => {
    if (each.type !== 'Promoted' || each.status !== 'True') return each;
    const message = (each.message ?? '').replace(SINCE, '');
    return { ...each, message: isNow ? `${message}${SINCE}` : message };
  });
  const condition: Condition = isNow
    ? { type: 'PrimaryInSync', status: 'False', reason: DRIFTED, message: driftText(situation) }
    : { type: 'PrimaryInSync', status: 'True', reason: 'InSync', message: 'the primary has the promoted pod template' };
  const at = { now, generation: canary.metadata.generation };
  return withCondition(truthful, condition, at);
}
