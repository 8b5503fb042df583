import { primaryScalerName } from '../../api/autoscaler-names.ts';
import type { CanarySpec, CanaryStatus, PromotedScaler } from '../../api/generated/canary.ts';
import { DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS } from '../../api/resources.ts';
import type { Manifest } from '../../kube/apply.ts';
import { scalerLimits } from '../decide/scaler-limits.ts';
import { includedMetadata, type LabelsAndAnnotations, withoutUnmanaged } from './included-metadata.ts';
import type { GenerationOptions } from './workload.ts';

export type AutoscalerManifest = Manifest & {
  readonly metadata: LabelsAndAnnotations;
  readonly spec: { readonly minReplicas: number; readonly maxReplicas: number; readonly [field: string]: unknown };
};

export interface AutoscalerOf {
  readonly namespace: string;
  /** Name of the Deployment that it scales. */
  readonly primary: string;
  readonly spec: Pick<CanarySpec, 'autoscalerRef' | 'service'>;
  readonly status: Pick<CanaryStatus, 'primaryReplicas'>;
  /** Labels and annotations of the target's; none where that is gone. */
  readonly metadata: Parameters<typeof includedMetadata>[0];
  readonly options: GenerationOptions;
}

/**
 * The primary's HorizontalPodAutoscaler: the target's as it was promoted, to the last metric, for another Deployment and within
 * the limits of now. Our label and the owner are added by who makes it.
 */
export function primaryAutoscaler(
  scaler: PromotedScaler,
  { namespace, primary, spec, status, metadata, options }: AutoscalerOf,
): AutoscalerManifest {
  const { apiVersion, kind } = DEPLOYMENTS;
  const included = withoutUnmanaged(includedMetadata(metadata, options), spec.service?.unmanagedMetadata);
  return {
    apiVersion: HORIZONTAL_POD_AUTOSCALERS.apiVersion,
    kind: HORIZONTAL_POD_AUTOSCALERS.kind,
    metadata: { name: primaryScalerName(scaler.name), namespace, ...included },
    spec: {
      scaleTargetRef: { apiVersion, kind, name: primary },
      ...scalerLimits(scaler, spec.autoscalerRef?.primaryScalerReplicas, status.primaryReplicas),
      ...(JSON.parse(scaler.rules) as object),
    },
  };
}
