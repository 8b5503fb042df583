import { kubectl } from '../kubectl.ts';
import { inNamespace, NAMESPACE } from './deployed.ts';

/** How long the replicas took for the reviews of one path, by their own metrics. */
export interface ReviewTimes {
  since(before: ReviewTimes): { readonly count: number; readonly medianMs: number; readonly p99Ms: number };
  readonly buckets: ReadonlyMap<number, number>;
}

/** What each replica says at /metrics. */
async function metricsOfReplicas(): Promise<readonly string[]> {
  const pods = await inNamespace('get', 'pods', '-l', 'app.kubernetes.io/name=canary-webhook', '-o', 'name');
  const names = pods.split('\n').filter((line) => line !== '');
  const path = (pod: string) => `/api/v1/namespaces/${NAMESPACE}/pods/${pod.replace('pod/', '')}:8080/proxy/metrics`;
  return Promise.all(names.map((pod) => kubectl('get', '--raw', path(pod))));
}

/** How many reviews the replicas have answered at `/stamp-revision`. */
export async function revisionReviews(): Promise<number> {
  const counted = /^webhook_reviews_total\{path="\/stamp-revision",.*\} (\d+)$/gm;
  const counts = (await metricsOfReplicas()).flatMap((metrics) => [...metrics.matchAll(counted)]);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** @param path of the webhook: `/validate` is asked about canaries, `/stamp-revision` about their targets */
export async function reviewTimes(path: '/validate' | '/stamp-revision' = '/validate'): Promise<ReviewTimes> {
  const buckets = new Map<number, number>();
  const bucket = new RegExp(`^webhook_review_duration_seconds_bucket\\{le="([^"]+)",path="${path}"\\} (\\d+)$`, 'gm');
  for (const metrics of await metricsOfReplicas()) {
    for (const [, le = '', value] of metrics.matchAll(bucket)) {
      const limit = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
      buckets.set(limit, (buckets.get(limit) ?? 0) + Number(value));
    }
  }
  return {
    buckets,
    since(before) {
      const counts = [...buckets].map(([limit, count]) => [limit, count - (before.buckets.get(limit) ?? 0)] as const);
      return { count: counts.at(-1)?.[1] ?? 0, medianMs: quantile(counts, 0.5), p99Ms: quantile(counts, 0.99) };
    },
  };
}

/** As Prometheus' histogram_quantile: evenly spread within its bucket. In milliseconds. */
function quantile(counts: readonly (readonly [limit: number, count: number])[], share: number): number {
  const rank = share * (counts.at(-1)?.[1] ?? 0);
  let [lower, below] = [0, 0];
  for (const [limit, count] of counts) {
    if (count >= rank && count > below) {
      return (
        1000 *
        (limit === Number.POSITIVE_INFINITY ? lower : lower + ((limit - lower) * (rank - below)) / (count - below))
      );
    }
    [lower, below] = [limit, count];
  }
  return Number.NaN;
}
