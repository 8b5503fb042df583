import type { BuiltInQueries, Observed } from '../built-in-queries.ts';
import { promString } from '../prom-ql.ts';
import { p99, type Series, successRate } from './shapes.ts';

/**
 * What the sidecars of the canary's pods count. Ambient meshes and gateways count at the source only: there it takes a
 * template. https://istio.io/latest/docs/reference/config/metrics/
 */
export const istioQueries: BuiltInQueries = {
  'request-success-rate': (observed) => successRate(series('istio_requests_total', observed), 'response_code'),
  'request-duration': (observed) => p99(series('istio_request_duration_milliseconds_bucket', observed)),
};

function series(metric: string, { namespace, target, interval }: Observed): Series {
  const labels = {
    reporter: 'destination',
    destination_workload_namespace: namespace,
    // The workload is the one whose template is changed, in the layout of 2018 too, whose canary has its own Deployment.
    destination_workload: target.name,
  };
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${promString(value)}`);
  return { metric, matchers: matchers.join(','), interval };
}
