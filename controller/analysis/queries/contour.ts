import type { BuiltInQueries, Observed } from '../built-in-queries.ts';
import { promRegexOf, promString } from '../prom-ql.ts';
import { p99, type Series, successRate } from './shapes.ts';

/** What Contour's Envoys count of the requests that they send to the canary's Service, in milliseconds. */
export const contourQueries: BuiltInQueries = {
  'request-success-rate': (observed) => successRate(series('envoy_cluster_upstream_rq', observed), RESPONSE_CODE),
  'request-duration': (observed) => p99(series('envoy_cluster_upstream_rq_time_bucket', observed)),
};

const RESPONSE_CODE = 'envoy_response_code';

/**
 * Contour gives a cluster the name `test_podinfo-canary_9898` in Envoy's statistics, by namespace, Service and port; its own
 * name has a hash after these, which is what is left without that. No Kubernetes name has an underscore, so neither
 * `podinfo-canary-2` nor another namespace fits.
 */
function series(metric: string, { namespace, canaryService, interval }: Observed): Series {
  const cluster = `${promRegexOf(`${namespace}_${canaryService}`)}_[0-9]+(_.+)?`;
  return { metric, matchers: `envoy_cluster_name=~${promString(cluster)}`, interval };
}
