// A metric says what is measured and which values pass.
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';

/** The checks that need no template. Whether a provider has them, the webhook says. */
const BUILT_IN: readonly string[] = ['request-success-rate', 'request-duration'];

export function* metricHasOneSource({ spec }: Canary): Iterable<Finding> {
  for (const [index, { query, templateRef }] of (spec.analysis?.metrics ?? []).entries()) {
    if (query !== undefined && templateRef !== undefined) {
      const message = 'remove query or templateRef, as a metric has one source';
      yield { path: `spec.analysis.metrics[${index}].query`, message };
    }
  }
}

export function* metricHasSource({ spec }: Canary): Iterable<Finding> {
  for (const [index, { name, query = '', templateRef }] of (spec.analysis?.metrics ?? []).entries()) {
    if (templateRef === undefined && query === '' && !BUILT_IN.includes(name)) {
      const message =
        'write the MetricTemplate with the query, as only request-success-rate and request-duration are built in';
      yield { path: `spec.analysis.metrics[${index}].templateRef`, message };
    }
  }
}

export function* firstLayoutMetricHasSource({ spec }: Canary): Iterable<Finding> {
  const builtIn = [...BUILT_IN, 'istio_requests_total', 'istio_request_duration_seconds_bucket'];
  for (const [index, { name, query = '' }] of (spec.canaryAnalysis?.metrics ?? []).entries()) {
    if (query === '' && !builtIn.includes(name)) {
      const message = 'write the query, as only request-success-rate and request-duration are built in';
      yield { path: `spec.canaryAnalysis.metrics[${index}].query`, message };
    }
  }
}

export function* metricHasLimit({ spec }: Canary): Iterable<Finding> {
  for (const [index, { threshold, thresholdRange }] of (spec.analysis?.metrics ?? []).entries()) {
    if (threshold === undefined && thresholdRange === undefined) {
      const message = 'write a thresholdRange with min, max or both, so that the value can be judged';
      yield { path: `spec.analysis.metrics[${index}].thresholdRange`, message };
    }
  }
}

export function* metricHasOneLimit({ spec }: Canary): Iterable<Finding> {
  for (const [index, { threshold, thresholdRange }] of (spec.analysis?.metrics ?? []).entries()) {
    if (threshold !== undefined && thresholdRange !== undefined) {
      const message = 'remove threshold, as thresholdRange is what counts';
      yield { path: `spec.analysis.metrics[${index}].threshold`, message };
    }
  }
}

export function* rangeLetsSomethingPass({ spec }: Canary): Iterable<Finding> {
  for (const [index, { thresholdRange }] of (spec.analysis?.metrics ?? []).entries()) {
    if (thresholdRange === undefined) continue;
    const { min, max } = thresholdRange;
    const path = `spec.analysis.metrics[${index}].thresholdRange`;
    if (min === undefined && max === undefined) {
      yield { path, message: 'write min, max or both, as without them every value passes' };
    } else if (min !== undefined && max !== undefined && min > max) {
      yield { path: `${path}.min`, message: 'write a min that is not over max, as no value passes both' };
    }
  }
}
