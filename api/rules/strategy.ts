// The steps of a release.
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';

export function* hasOneStrategy({ spec }: Canary): Iterable<Finding> {
  if (spec.analysis === undefined) return;
  const { iterations, stepWeight, stepWeights } = spec.analysis;
  if ([iterations, stepWeight, stepWeights].filter((way) => way !== undefined).length === 1) return;
  const message =
    'write exactly one of stepWeight and stepWeights (by weight) and iterations (blue/green; A/B with match)';
  yield { path: 'spec.analysis', message };
}

export function* firstLayoutHasOneStrategy({ spec }: Canary): Iterable<Finding> {
  if (spec.canaryAnalysis === undefined) return;
  const { iterations, stepWeight } = spec.canaryAnalysis;
  if ((iterations === undefined) === (stepWeight === undefined)) {
    const message = 'write stepWeight (by weight) or iterations (blue/green), one of them';
    yield { path: 'spec.canaryAnalysis', message };
  }
}

export function* weightsRise({ spec }: Canary): Iterable<Finding> {
  const weights = spec.analysis?.stepWeights ?? [];
  if (weights.some((weight, index) => index > 0 && weight <= (weights[index - 1] ?? 0))) {
    const message = 'write weights that rise from step to step, such as [1, 10, 50]';
    yield { path: 'spec.analysis.stepWeights', message };
  }
}

export function* firstStepIsWithinMaxWeight({ spec }: Canary): Iterable<Finding> {
  const { stepWeight = 0, maxWeight = 100 } = spec.analysis ?? {};
  if (stepWeight > maxWeight) {
    const message = 'write at most the maxWeight, as the first step would pass it';
    yield { path: 'spec.analysis.stepWeight', message };
  }
}

export function* mirrorWeightHasMirror({ spec }: Canary): Iterable<Finding> {
  if (spec.analysis?.mirrorWeight !== undefined && spec.analysis.mirror === undefined) {
    const message = 'write mirror: true beside it, as nothing is mirrored without';
    yield { path: 'spec.analysis.mirrorWeight', message };
  }
}
