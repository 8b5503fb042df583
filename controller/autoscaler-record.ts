import type { PromotedScaler } from '../api/generated/canary.ts';
import type { GeneratedObject } from './world.ts';

/** A HorizontalPodAutoscaler as `autoscaling/v2` has it, without what its controller tells every few seconds. */
export interface AutoscalerRecord extends GeneratedObject {
  readonly metadata: GeneratedObject['metadata'] & { readonly namespace: string };
  readonly spec: {
    readonly scaleTargetRef?: unknown;
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly metrics?: unknown;
    readonly behavior?: { readonly scaleDown?: { readonly stabilizationWindowSeconds?: number } };
  };
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Of an autoscaler that does not say: what kube-controller-manager is started with, unless it is told otherwise. */
const SCALE_DOWN_SECONDS = 300;
/** As long as the status takes it. */
const MAX_RULES = 65_536;

/** What is kept of each HorizontalPodAutoscaler of the cluster. */
export function autoscalerRecord({ metadata, spec }: AutoscalerRecord): AutoscalerRecord {
  const { name, namespace, uid, resourceVersion, labels, ownerReferences } = metadata;
  const { [LAST_APPLIED]: _lastApplied, ...annotations } = metadata.annotations ?? {};
  const isAnnotated = metadata.annotations !== undefined;
  return {
    metadata: {
      ...{ name, namespace, uid, resourceVersion },
      ...(isAnnotated && { annotations }),
      ...(labels !== undefined && { labels }),
      ...(ownerReferences !== undefined && { ownerReferences }),
    },
    spec,
  };
}

/** What the primary's is made from when this one is promoted; `undefined` where it is too large to be kept. */
export function promotedScaler({ metadata: { name }, spec }: AutoscalerRecord): PromotedScaler | undefined {
  const { minReplicas = 1, maxReplicas, metrics, behavior } = spec;
  const rules = JSON.stringify({ metrics, behavior });
  if (rules.length > MAX_RULES) return undefined;
  const seconds = behavior?.scaleDown?.stabilizationWindowSeconds ?? SCALE_DOWN_SECONDS;
  return { name, minReplicas, maxReplicas, rules, scaleDownSeconds: Math.min(3600, Math.max(0, seconds)) };
}
