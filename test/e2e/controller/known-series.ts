/** What series grow by in a second, by the text that they are exposed as. */
export type KnownSeries = Readonly<Record<string, number>>;

type Labels = Readonly<Record<string, string>>;

/** A kind of request counter and its histogram, as a gateway, a mesh or an application exposes them. */
export interface RequestMetrics {
  readonly counter: string;
  readonly statusLabel: string;
  /** Where there is a label for it that says `success` or `failure`. */
  readonly outcomeLabel?: string;
  readonly bucket: string;
  /** Of the histogram's own unit in a millisecond. */
  readonly unit: number;
}

export const ISTIO: RequestMetrics = {
  counter: 'istio_requests_total',
  statusLabel: 'response_code',
  bucket: 'istio_request_duration_milliseconds_bucket',
  unit: 1,
};

export const ENVOY: RequestMetrics = {
  counter: 'envoy_cluster_upstream_rq',
  statusLabel: 'envoy_response_code',
  bucket: 'envoy_cluster_upstream_rq_time_bucket',
  unit: 1,
};

export const LINKERD: RequestMetrics = {
  counter: 'response_total',
  statusLabel: 'status_code',
  outcomeLabel: 'classification',
  bucket: 'response_latency_ms_bucket',
  unit: 1,
};

export const APPLICATION: RequestMetrics = {
  counter: 'http_request_duration_seconds_count',
  statusLabel: 'status',
  bucket: 'http_request_duration_seconds_bucket',
  unit: 1 / 1000,
};

/** What is served in a second. */
export interface Served {
  readonly ok: number;
  readonly failed: number;
  /** How many take up to so many milliseconds and more than the entry before: [[100, 90], [500, 10]]. */
  readonly took: readonly (readonly [atMostMs: number, requests: number])[];
}

/** All goes wrong, slowly: the neighbours', whose requests must not be taken for the canary's. */
export const BAD: Served = { ok: 0, failed: 1000, took: [[9000, 1000]] };
export const NONE: Served = { ok: 0, failed: 0, took: [[100, 0]] };

export function knownSeries(metrics: RequestMetrics, labels: Labels, served: Served) {
  const { counter, statusLabel, outcomeLabel, bucket, unit } = metrics;
  const series: Record<string, number> = {};
  const { ok, failed, took } = served;
  const counted = (status: string, outcome: 'success' | 'failure') =>
    seriesText(counter, {
      ...{ ...labels, [statusLabel]: status },
      ...(outcomeLabel !== undefined && { [outcomeLabel]: outcome }),
    });
  series[counted('200', 'success')] = ok / 2;
  series[counted('404', 'success')] = ok / 2;
  series[counted('503', 'failure')] = failed;
  let sum = 0;
  for (const [atMostMs, requests] of [...took, [Infinity, 0] as const]) {
    sum += requests;
    const le = atMostMs === Infinity ? '+Inf' : String(atMostMs * unit);
    series[seriesText(bucket, { ...labels, le })] = sum;
  }
  return series as KnownSeries;
}

function seriesText(metric: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${metric}{${pairs.join(',')}}`;
}

/** A workload whose pods expose these series. */
export function exposing(kind: 'Deployment' | 'DaemonSet', namespace: string, name: string, series: KnownSeries) {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'known-series',
              image: 'sandbox.test/node/known-series',
              env: [{ name: 'SERIES', value: JSON.stringify(series) }],
              ports: [{ containerPort: 8080 }],
            },
          ],
        },
      },
    },
  };
}
