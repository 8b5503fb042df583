import { isDeepStrictEqual } from 'node:util';
import type { PodStatus } from './pod.ts';

/** What may go away again: an address when the kubelet has been restarted. */
const OPTIONAL = ['podIP', 'podIPs', 'reason', 'message'] as const;
/** Lists that the API server would merge, and so keep addresses that are no more. */
const MERGED = ['podIPs', 'hostIPs'] as const;

/**
 * The strategic-merge patch that turns what we wrote last into what we have to say now, or `undefined` if that is
 * nothing. Conditions merge by their type, so that only those that changed are sent and those of other writers stay;
 * a field that is gone is sent as null.
 */
export function statusPatch(uid: string, before: PodStatus, after: PodStatus): object | undefined {
  const patch: Record<string, unknown> = {};
  const old: Readonly<Record<string, unknown>> = { ...before };
  for (const [key, value] of Object.entries(after)) {
    if (key === 'conditions') {
      const changed = changedConditions(before, after);
      if (changed.length > 0) patch['conditions'] = changed;
    } else if (!isDeepStrictEqual(old[key], value)) {
      patch[key] = MERGED.some((list) => list === key) ? [{ $patch: 'replace' }, ...(value as object[])] : value;
    }
  }
  for (const key of OPTIONAL) {
    if (old[key] !== undefined && after[key] === undefined) patch[key] = null;
  }
  return Object.keys(patch).length === 0 ? undefined : { metadata: { uid }, status: patch };
}

function changedConditions(before: PodStatus, after: PodStatus): object[] {
  return (after.conditions ?? []).flatMap((condition) => {
    const old = before.conditions?.find(({ type }) => type === condition.type);
    // The API server adds fields that we do not write (lastProbeTime: null), so that only ours are compared.
    const same =
      old !== undefined &&
      old.status === condition.status &&
      old.reason === condition.reason &&
      old.message === condition.message &&
      old.observedGeneration === condition.observedGeneration;
    if (same) return [];
    return [{ ...condition, reason: condition.reason ?? null, message: condition.message ?? null }];
  });
}
