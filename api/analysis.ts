import { withDefaults } from './defaults.ts';
import type { Analysis, CanarySpec, FirstLayoutAnalysis } from './generated/canary.ts';

/** What the built-in checks were called when only Istio had them. */
const FIRST_NAMES: Readonly<Record<string, string>> = {
  istio_requests_total: 'request-success-rate',
  istio_request_duration_seconds_bucket: 'request-duration',
};

/** Where the analysis stands, for the path of what is wrong in it. */
export function analysisPath({ analysis }: CanarySpec): 'spec.analysis' | 'spec.canaryAnalysis' {
  return analysis === undefined ? 'spec.canaryAnalysis' : 'spec.analysis';
}

/**
 * The analysis of a canary that `validate` has nothing against, whichever name it stands under. One from before v1beta1
 * is given the fields that it lacks, with their defaults.
 */
export function analysisOf({ analysis, canaryAnalysis }: CanarySpec): Analysis {
  if (analysis !== undefined) return analysis;
  if (canaryAnalysis === undefined) throw new TypeError('a canary has an analysis or a canaryAnalysis');
  return fromFirstLayout(canaryAnalysis);
}

/** Whether weights are of the requests that fit the match alone (A/B). */
export function isMatched({ match = [] }: Pick<Analysis, 'match'>): boolean {
  return match.length > 0;
}

function fromFirstLayout({ metrics, ...rest }: FirstLayoutAnalysis): Analysis {
  const renamed = metrics?.map((metric) => ({ ...metric, name: FIRST_NAMES[metric.name] ?? metric.name }));
  const analysis = { ...rest, ...(renamed === undefined ? {} : { metrics: renamed }) };
  const { spec } = withDefaults('Canary', { spec: { analysis } }) as { readonly spec: { readonly analysis: Analysis } };
  return spec.analysis;
}
