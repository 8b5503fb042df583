import { autoscalerNames } from '../autoscaler-names.ts';
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';
import type { Cluster } from './cluster.ts';

/** A warning: the autoscaler of a target lifts it to its minimum, whatever it was started with. */
export function* canaryIsAsSmallAsItSays({ spec }: Canary, { scalerMinReplicas }: Cluster): Iterable<Finding> {
  const { canaryReplicas } = spec;
  const autoscaler = autoscalerNames(spec)?.target;
  if (autoscaler === undefined || scalerMinReplicas === undefined || typeof canaryReplicas !== 'number') return;
  if (canaryReplicas >= scalerMinReplicas) return;
  const message = `is less than the minReplicas of HorizontalPodAutoscaler ${autoscaler}, which makes it ${scalerMinReplicas} soon after`;
  yield { path: 'spec.canaryReplicas', message };
}
