import type { Finding, Rule } from './finding.ts';
import type { CanaryAction } from './generated/canary-action.ts';

/**
 * What has to hold between the fields of a CanaryAction; as `canaryRules`, for manifests/crd/canary-action.yaml. That a
 * decision is never changed, only the API server can see.
 */
export const canaryActionRules: readonly Rule<CanaryAction>[] = [
  onlyPromoteIsFull,
  onlyPromoteGoesToAStep,
  onlyPromoteGoesOnFromAStep,
  fullHasNoStep,
  onlyAnswersHaveAGate,
];

function* onlyPromoteIsFull({ spec }: CanaryAction): Iterable<Finding> {
  if (spec.full !== undefined && spec.action !== 'promote') {
    yield { path: 'spec.full', message: 'remove it, as only promote can be full' };
  }
}

function* onlyPromoteGoesToAStep({ spec }: CanaryAction): Iterable<Finding> {
  if (spec.toStep !== undefined && spec.action !== 'promote') {
    yield { path: 'spec.toStep', message: 'remove it, as only promote goes to a step' };
  }
}

function* onlyPromoteGoesOnFromAStep({ spec }: CanaryAction): Iterable<Finding> {
  if (spec.fromStep !== undefined && spec.action !== 'promote') {
    yield { path: 'spec.fromStep', message: 'remove it, as only promote goes on from a step' };
  }
}

function* fullHasNoStep({ spec }: CanaryAction): Iterable<Finding> {
  if (spec.toStep !== undefined && spec.full === true) {
    yield { path: 'spec.toStep', message: 'remove it or full, which leaves out all steps' };
  }
}

function* onlyAnswersHaveAGate({ spec }: CanaryAction): Iterable<Finding> {
  if (spec.gate !== undefined && spec.action !== 'approve' && spec.action !== 'reject') {
    yield { path: 'spec.gate', message: 'remove it, as only approve and reject answer a gate' };
  }
}
