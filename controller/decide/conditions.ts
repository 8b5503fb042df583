import type { CanaryStatus, Condition } from '../../api/generated/canary.ts';

type Phase = NonNullable<CanaryStatus['phase']>;

/** What `Promoted` says in each phase: whether the revision that the target is at has become the primary's. */
const PROMOTED: Readonly<Record<Phase, readonly [Condition['status'], string]>> = {
  '': ['Unknown', 'nothing is known yet'],
  Initializing: ['Unknown', 'the primary, the Services and the route are being made'],
  Initialized: ['True', 'the primary serves the revision that was there when the canary was made'],
  Waiting: ['Unknown', 'a new revision waits to be started'],
  Progressing: ['Unknown', 'a new revision is being analysed'],
  WaitingPromotion: ['Unknown', 'a new revision has passed its checks and waits to be promoted'],
  Promoting: ['Unknown', 'a new revision has passed its checks and is being copied to the primary'],
  Finalising: ['Unknown', 'a new revision has been promoted, and traffic is leaving the canary'],
  Succeeded: ['True', 'the primary serves the revision of the target'],
  Failed: ['False', 'the revision of the target was not promoted'],
  Terminating: ['Unknown', 'the canary is being deleted'],
  Terminated: ['Unknown', 'the canary has been deleted'],
};

/** The `Promoted` condition of a phase; its reason is the phase. */
export function promoted(phase: Phase, message?: string): Condition {
  const [status, text] = PROMOTED[phase];
  return { type: 'Promoted', status, reason: phase === '' ? 'Unknown' : phase, message: message ?? text };
}

/**
 * The conditions with one of them replaced. Its transition time is kept while its status is, as `kubectl wait` and alerts
 * read it for "since when".
 */
export function withCondition(
  conditions: readonly Condition[],
  condition: Condition,
  { now, generation }: { readonly now: number; readonly generation: number },
): readonly Condition[] {
  const before = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime =
    before?.status === condition.status && before.lastTransitionTime !== undefined
      ? before.lastTransitionTime
      : seconds(now);
  const next = { ...condition, observedGeneration: generation, lastTransitionTime };
  return before === undefined
    ? [...conditions, next]
    : conditions.map((each) => (each.type === condition.type ? next : each));
}

/** As Kubernetes writes times: `2026-01-31T12:00:00Z`. */
export function seconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
