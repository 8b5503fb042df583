import type { TargetRef } from './generated/canary.ts';

/** A Knative Service brings its own revisions and routes: no Services and no autoscaler of ours go with it. */
export function isKnative(target: TargetRef | undefined): boolean {
  return target?.apiVersion === 'serving.knative.dev/v1';
}
