// How many pods the primary and the canary have.
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';

export function* scalerLimitsAreInOrder({ spec }: Canary): Iterable<Finding> {
  for (const field of ['primaryScalerReplicas', 'canaryScalerReplicas'] as const) {
    const { minReplicas, maxReplicas } = spec.autoscalerRef?.[field] ?? {};
    if (minReplicas !== undefined && maxReplicas !== undefined && minReplicas > maxReplicas) {
      const message = 'write a minReplicas that is not over maxReplicas';
      yield { path: `spec.autoscalerRef.${field}.minReplicas`, message };
    }
  }
}

export function* onlyDeploymentsAreSized({ spec }: Canary): Iterable<Finding> {
  if (spec.canaryReplicas !== undefined && spec.targetRef !== undefined && spec.targetRef.kind !== 'Deployment') {
    yield { path: 'spec.canaryReplicas', message: 'remove it, as only a Deployment has a size of its own' };
  }
}

export function* canaryIsSizedOnce({ spec }: Canary): Iterable<Finding> {
  if (spec.canaryReplicas !== undefined && spec.autoscalerRef?.canaryScalerReplicas !== undefined) {
    const message = 'remove it or autoscalerRef.canaryScalerReplicas, as both size the canary';
    yield { path: 'spec.canaryReplicas', message };
  }
}
