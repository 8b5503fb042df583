import type { AdmissionRequest, Verdict } from './admission-review.ts';

/**
 * Writes into a new CanaryAction who asked for it and when. A policy of the API server's own (manifests/webhook) refuses any other
 * name in there, so that nobody can act in another's, whether the webhook runs or not.
 */
export function stampAction({ kind, operation, object, userInfo: { username } }: AdmissionRequest, now: Date): Verdict {
  const { spec } = (object ?? {}) as { readonly spec?: unknown };
  const isNew = kind.group === 'flagger.app' && kind.kind === 'CanaryAction' && operation === 'CREATE';
  if (!isNew || typeof spec !== 'object' || spec === null) return { kind: 'allowed' };
  const at = { op: 'add', path: '/spec/requestedAt', value: `${now.toISOString().slice(0, 19)}Z` } as const;
  if ((spec as { readonly requestedBy?: unknown }).requestedBy !== undefined) return { kind: 'allowed', patch: [at] };
  return { kind: 'allowed', patch: [{ op: 'add', path: '/spec/requestedBy', value: username }, at] };
}
