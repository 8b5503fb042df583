// What a Canary is made of: a target, Services and an analysis - or all of the layout of the first releases.
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';
import { isKnative } from '../knative.ts';

export function* hasTarget({ spec }: Canary): Iterable<Finding> {
  if (spec.targetRef === undefined && spec.canary === undefined) {
    yield { path: 'spec.targetRef', message: 'write the workload that is released' };
  }
}

export function* hasOneLayout({ spec }: Canary): Iterable<Finding> {
  const old = [spec.targetKind, spec.virtualService, spec.primary, spec.canary];
  if (spec.targetRef !== undefined && old.some((field) => field !== undefined)) {
    const message =
      'remove targetKind, virtualService, primary and canary, which the workload of targetRef takes the place of';
    yield { path: 'spec.targetRef', message };
  }
}

export function* hasAllOfTheFirstLayout({ spec }: Canary): Iterable<Finding> {
  if (spec.targetRef !== undefined || spec.canary === undefined) return;
  if ([spec.primary, spec.virtualService, spec.canaryAnalysis].includes(undefined)) {
    const message =
      'write primary, virtualService and canaryAnalysis beside canary, or better targetRef, service and analysis';
    yield { path: 'spec.canary', message };
  }
}

export function* hasAnalysis({ spec }: Canary): Iterable<Finding> {
  if (spec.analysis === undefined && spec.canaryAnalysis === undefined) {
    yield { path: 'spec.analysis', message: 'write the steps of a release and its checks' };
  }
}

export function* hasOneAnalysis({ spec }: Canary): Iterable<Finding> {
  if (spec.analysis !== undefined && spec.canaryAnalysis !== undefined) {
    yield { path: 'spec.canaryAnalysis', message: 'move what is here to analysis, its name since v1beta1' };
  }
}

export function* hasService({ spec }: Canary): Iterable<Finding> {
  if (spec.service === undefined && spec.targetRef !== undefined && !isKnative(spec.targetRef)) {
    yield { path: 'spec.service', message: 'write at least the port of the Services' };
  }
}
