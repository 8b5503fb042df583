import type { CanaryStatus } from '../../api/generated/canary.ts';
import type { Decision, Effect, Note } from './decision.ts';

/** What is decided on a person's action. */
export type Verdict =
  /** It is carried out by this status, and whatever follows from that. */
  | {
      readonly kind: 'done';
      readonly message: string;
      readonly status: CanaryStatus;
      readonly notes: readonly Note[];
      readonly first?: Effect;
    }
  | { readonly kind: 'rejected'; readonly message: string; readonly isUnchanged?: boolean }
  /** Something has to be asked before, which everything else does not wait for. */
  | { readonly kind: 'asks'; readonly decision: Decision }
  /** Not before what is under way has ended. */
  | { readonly kind: 'later' };

export function done(status: CanaryStatus, notes: readonly Note[], message: string, first?: Effect): Verdict {
  return { kind: 'done', status, notes, message, ...(first !== undefined && { first }) };
}

/** @param message why, and what to do instead */
export function rejected(message: string): Verdict {
  return { kind: 'rejected', message };
}

/**
 * What was asked for is so already: a second press, mostly. Nothing is done, and nobody need be alarmed.
 *
 * @param message since when, or by whom
 */
export function unchanged(message: string): Verdict {
  return { kind: 'rejected', message, isUnchanged: true };
}
