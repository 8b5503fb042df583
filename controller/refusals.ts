import { foreignReferences } from '../api/cluster/cross-namespace.ts';
import { ownsItsObjects } from '../api/cluster/one-owner.ts';
import { findingText } from '../api/finding.ts';
import type { Canary } from '../api/generated/canary.ts';
import { FINALIZER } from '../api/keys.ts';
import type { Provider } from '../api/provider-abilities.ts';
import { validate } from '../api/validate.ts';
import type { Refusal } from './decide/observation.ts';
import { unsupportedParts } from './decide/unsupported.ts';
import type { Router } from './router/router.ts';

/**
 * Why a canary is not carried out as it is written, worst first: what the webhook would have refused had it been there, and
 * what is right and not done yet. To do a part of it would be a release other than the one that is written.
 *
 * @param others the canaries of its namespace, or those of them that name an object as it does
 */
export function refusalsOf(
  canary: Canary,
  provider: Provider,
  router: Router | undefined,
  others: readonly Canary[],
): readonly Refusal[] {
  const invalid = findingsOf(canary, provider);
  if (invalid.length > 0) return [{ reason: 'InvalidSpec', message: invalid.join('; '), holds: 'everything' }];
  const before = others.filter((other) => goesFirst(other, canary)).map(untilItIsGone);
  const [shared] = ownsItsObjects(canary, clusterOf(before));
  if (shared !== undefined) {
    const message = findingText(shared);
    return [{ reason: 'OwnedByAnother', message, holds: 'everything', lookAgainMs: LOOK_AGAIN_MS }];
  }
  const { targetRef } = canary.spec;
  if (targetRef !== undefined && targetRef.kind !== 'Deployment') {
    return [unsupported('spec.targetRef.kind', `${targetRef.kind} is not released yet, only Deployment is`)];
  }
  if (router === undefined) {
    return [unsupported('spec.provider', `${provider} is not driven yet`)];
  }
  return [...unsupportedParts(canary.spec)];
}

/**
 * Parts of a canary that the installation forbids, of one that was there before that. Its primary serves all the same, and the
 * next release is held; what a release under way would read of them is an error.
 */
export function* foreignRefusals(canary: Canary): Iterable<Refusal> {
  for (const finding of foreignReferences(canary)) {
    yield { reason: 'CrossNamespaceRef', message: findingText(finding), holds: 'releases' };
  }
}

function unsupported(path: string, message: string): Refusal {
  return { reason: 'NotSupported', message: findingText({ path, message }), holds: 'everything' };
}

/** Judging takes a tenth of a millisecond, and is asked for with every event of a canary. */
const judged = new WeakMap<object, readonly string[]>();

function findingsOf(canary: Canary, provider: Provider): readonly string[] {
  const known = judged.get(canary.spec);
  if (known !== undefined) return known;
  // Whoever names no provider gets ours, which may not be able to do all of it.
  const findings = validate('Canary', { ...canary, spec: { ...canary.spec, provider } }).map(findingText);
  judged.set(canary.spec, findings);
  return findings;
}

/** One that is being deleted gives its target back first: with another that took it at once, both would never come to an end. */
function untilItIsGone(other: Canary): Canary {
  const { deletionTimestamp: _, ...metadata } = other.metadata;
  return other.metadata.finalizers?.includes(FINALIZER) === true ? { ...other, metadata } : other;
}

/** Nobody tells a canary of another. */
const LOOK_AGAIN_MS = 5000;

/** Of two canaries that both passed the webhook, the older one has the target. */
function goesFirst({ metadata: one }: Canary, { metadata: other }: Canary): boolean {
  if (one.creationTimestamp !== other.creationTimestamp) return one.creationTimestamp < other.creationTimestamp;
  return one.uid < other.uid;
}

function clusterOf(canaries: readonly Canary[]) {
  return { defaultProvider: 'kubernetes', scrapeIntervalMs: 0, canaries, templates: [], missing: [] } as const;
}
