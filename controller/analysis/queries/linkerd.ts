import type { BuiltInQueries, Observed } from '../built-in-queries.ts';
import { promString } from '../prom-ql.ts';
import { p99, type Series, unfailedRate } from './shapes.ts';

/**
 * What the proxies of the canary's pods count of the requests that reach them, in milliseconds. They say themselves what has
 * failed: a gRPC call may do so with a 200. https://linkerd.io/2/reference/proxy-metrics/
 */
export const linkerdQueries: BuiltInQueries = {
  'request-success-rate': (observed) => unfailedRate(series('response_total', observed), 'classification="failure"'),
  'request-duration': (observed) => p99(series('response_latency_ms_bucket', observed)),
};

/** Linkerd's Prometheus gives each pod's series a label for the workload that it belongs to, by the workload's kind. */
function series(metric: string, { namespace, target, interval }: Observed): Series {
  const labels = {
    namespace,
    [target.kind.toLowerCase()]: target.name,
    direction: 'inbound',
  };
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${promString(value)}`);
  return { metric, matchers: matchers.join(','), interval };
}
