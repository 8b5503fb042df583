// A gate may ask for a second pair of eyes: whoever changed the target does not approve the change.
import type { CanaryStatus, CanaryWebhook } from '../../../api/generated/canary.ts';
import type { Situation } from '../situation.ts';

type Gate = Pick<CanaryWebhook, 'name' | 'approvers'>;

/**
 * Returns why a person may not open a gate, or undefined.
 *
 * @param by who asks, as admission wrote it
 */
export function whyNotApprover({ status, canary }: Situation, { name, approvers }: Gate, by: string | undefined) {
  if (approvers !== 'notAuthor') return undefined;
  const wants = `gate ${name} is for somebody else than whoever changed the target`;
  if (by === undefined) return `${wants}, and who asks is not known: write spec.requestedBy`;
  const { names, isKnown } = authorsOf(status);
  if (names.has(by)) return `${wants}: ${by} changed it, so ask somebody else`;
  if (isKnown) return undefined;
  const again = `kubectl canary restart ${canary.metadata.name}`;
  return (
    `${wants}, and who did is not known, as the webhook was away or only configuration changed: ` +
    `change the pod template once more with the webhook there, such as with ${again}, and have somebody else approve that`
  );
}

/** Says who opens a gate, behind its name. */
export function approversText({ approvers }: Gate): string {
  return approvers === 'notAuthor' ? ', by somebody else than whoever changed the target' : '';
}

interface Authors {
  readonly names: ReadonlySet<string>;
  /** Whether each run of this revision, that is this one and those that were retried, has an author. */
  readonly isKnown: boolean;
}

/**
 * Returns everybody who changed the target since it was last what was promoted: what one began and another went on with is the
 * work of both. A retry is of the same revision, so that who retries does not take the author's place.
 */
function authorsOf({ lastAppliedSpec, triggeredBy, history = [] }: CanaryStatus): Authors {
  const end = history.findIndex(({ result }) => result === 'Succeeded' || result === 'Reverted');
  const before = end < 0 ? history : history.slice(0, end);
  const other = before.findIndex(({ revision }) => revision !== lastAppliedSpec);
  const retried = other < 0 ? before : before.slice(0, other);
  return {
    names: new Set([triggeredBy, ...before.map((run) => run.triggeredBy)].flatMap((each) => each?.username ?? [])),
    isKnown: [triggeredBy, ...retried.map((run) => run.triggeredBy)].every((each) => each !== undefined),
  };
}
