import type { CanaryStatus } from '../../api/generated/canary.ts';
import { isOfTemplate, revisionOf } from '../../api/revision.ts';
import type { KeptRevision } from '../cluster/kept-revisions.ts';
import type { PodTemplate, Target } from '../cluster/target.ts';
import { partialChange, type TargetChange } from './target-change.ts';

/** As `kubectl rollout restart` has it. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** New pods of the same template. */
export function restartChange(target: Target, at: Date, reason: string | undefined): TargetChange {
  const { template } = target.spec;
  const restarted = { [RESTARTED_AT]: at.toISOString().replace(/\.\d+Z$/, 'Z') };
  const annotations = { ...template.metadata?.annotations, ...restarted };
  const next = { ...template, metadata: { ...template.metadata, annotations } };
  return partialChange(target, next, { metadata: { annotations: restarted } }, reason);
}

/**
 * Since when a restart is under way: the target is what is promoted but for the time of a restart, and has not failed.
 * Another press would only begin it anew.
 */
export function restartUnderWay(
  { spec: { template } }: Target,
  { lastPromotedSpec, lastAppliedSpec = '', phase, ending }: CanaryStatus,
  kept: readonly KeptRevision[],
): string | undefined {
  const promoted = kept.find(({ revision }) => revision === lastPromotedSpec);
  const at = restartedAt(template);
  if (at === undefined || promoted === undefined || restartedAt(promoted.template) === at) return undefined;
  const hasEnded = phase === 'Failed' || ending !== undefined;
  if (hasEnded && isOfTemplate(lastAppliedSpec, revisionOf(template))) return undefined;
  return revisionOf(otherwise(template)) === revisionOf(otherwise(promoted.template)) ? at : undefined;
}

function restartedAt({ metadata }: PodTemplate): string | undefined {
  return metadata?.annotations?.[RESTARTED_AT];
}

/** The template as if it had never been restarted. */
function otherwise(template: PodTemplate): PodTemplate {
  const { [RESTARTED_AT]: _, ...others } = template.metadata?.annotations ?? {};
  const annotations = Object.keys(others).length > 0 ? others : undefined;
  const { annotations: __, ...metadata } = template.metadata ?? {};
  return { ...template, metadata: { ...metadata, ...(annotations !== undefined && { annotations }) } };
}
