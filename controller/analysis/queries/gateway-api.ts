import type { BuiltInQueries, Observed } from '../built-in-queries.ts';
import { promRegexOf, promString } from '../prom-ql.ts';
import { p99, type Series, successRate } from './shapes.ts';

/**
 * What the canary's pods count themselves, in seconds: gateways have no metrics in common. It takes an application with
 * these metrics, and a Prometheus that adds the two labels of its pods.
 */
export const gatewayApiQueries: BuiltInQueries = {
  'request-success-rate': (observed) => successRate(series('http_request_duration_seconds_count', observed), 'status'),
  'request-duration': (observed) => `1000 * ${p99(series('http_request_duration_seconds_bucket', observed))}`,
};

function series(metric: string, { namespace, target, interval }: Observed): Series {
  const pods = promString(podNames(target));
  const matchers = `kubernetes_namespace=${promString(namespace)},kubernetes_pod_name=~${pods}`;
  return { metric, matchers, interval };
}

/** Letters of the hashes that Kubernetes makes names of: no vowels, and nothing that looks like one. */
const HASH_LETTER = '[bcdfghjklmnpqrstvwxz2456789]';
/** Kubernetes cuts what it makes a pod's name of to this, before it adds five letters. */
const LONGEST_PREFIX = 58;
const LONGEST_TEMPLATE_HASH = 10;

/**
 * The names of a workload's own pods: `podinfo-7c8d6f5b9d-x2k4d` of a Deployment, `podinfo-x2k4d` of a DaemonSet. Those of
 * `podinfo-primary` and of `podinfo-canary-2` have a part that is no hash. Hashes of templates are 32-bit numbers: less than
 * five digits are one in 400,000, and would be the name of a DaemonSet `podinfo-db`.
 */
function podNames({ kind, name }: Observed['target']): string {
  const prefix = `${name}-`;
  const room = LONGEST_PREFIX - prefix.length;
  // In a long name the hash of the template or the dash after it may be cut off.
  if (room <= 0) return `${promRegexOf(prefix.slice(0, LONGEST_PREFIX))}${HASH_LETTER}{5}`;
  if (kind === 'DaemonSet') return `${promRegexOf(prefix)}${HASH_LETTER}{5}`;
  if (room <= LONGEST_TEMPLATE_HASH) {
    return `${promRegexOf(prefix)}${HASH_LETTER}{${Math.min(5, room)},${room}}-?${HASH_LETTER}{5}`;
  }
  return `${promRegexOf(prefix)}${HASH_LETTER}{5,${LONGEST_TEMPLATE_HASH}}-${HASH_LETTER}{5}`;
}
