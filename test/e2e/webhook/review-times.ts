import type { V1PodList } from '@kubernetes/client-node';
import type { Transport } from '../../../kube/transport/transport.ts';
import { kubectl, kubectlJson } from '../kubectl.ts';
import { NAMESPACE } from './deployed.ts';

/** How long something took, as a histogram of Prometheus' has it. */
export interface ReviewTimes {
  since(before: ReviewTimes): { readonly count: number; readonly medianMs: number; readonly p99Ms: number };
  readonly buckets: ReadonlyMap<number, number>;
}

/** What each replica says at /metrics. One that is ending may be gone before it is asked. */
async function metricsOfReplicas(): Promise<readonly string[]> {
  const selector = 'app.kubernetes.io/name=canary-webhook';
  const { items } = await kubectlJson<V1PodList>('-n', NAMESPACE, 'get', 'pods', '-l', selector);
  const replicas = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  const path = (pod: string) => `/api/v1/namespaces/${NAMESPACE}/pods/${pod}:8080/proxy/metrics`;
  return Promise.all(replicas.map(({ metadata }) => kubectl('get', '--raw', path(metadata?.name ?? ''))));
}

/** How many reviews the replicas have answered at `/stamp-revision`. */
export async function revisionReviews(): Promise<number> {
  const counted = /^webhook_reviews_total\{path="\/stamp-revision",.*\} (\d+)$/gm;
  const counts = (await metricsOfReplicas()).flatMap((metrics) => [...metrics.matchAll(counted)]);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/**
 * How long the replicas took for the reviews of one path, by their own metrics.
 *
 * @param path of the webhook: `/validate` is asked about canaries, `/stamp-revision` about their targets
 */
export async function reviewTimes(path: '/validate' | '/stamp-revision' = '/validate'): Promise<ReviewTimes> {
  return timesIn(await metricsOfReplicas(), 'webhook_review_duration_seconds', `path="${path}"`);
}

/** How long the calls of a webhook took as the API server has it, with the connection and what it writes and reads. */
export async function callTimes(server: Transport, webhook: string): Promise<ReviewTimes> {
  const metrics = await server.text({ path: '/metrics', accept: 'text/plain' });
  return timesIn([metrics], 'apiserver_admission_webhook_admission_duration_seconds', `name="${webhook}"`);
}

function timesIn(texts: readonly string[], histogram: string, label: string): ReviewTimes {
  const buckets = new Map<number, number>();
  for (const text of texts) {
    for (const [, labels = '', value] of text.matchAll(new RegExp(`^${histogram}_bucket\\{(.*)\\} (\\d+)$`, 'gm'))) {
      const le = /(?:^|,)le="([^"]+)"/.exec(labels)?.[1] ?? '';
      if (!labels.includes(label)) continue;
      const limit = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
      buckets.set(limit, (buckets.get(limit) ?? 0) + Number(value));
    }
  }
  return {
    buckets,
    since(before) {
      const counts = [...buckets]
        .map(([limit, count]) => [limit, count - (before.buckets.get(limit) ?? 0)] as const)
        .toSorted(([one], [other]) => one - other);
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
