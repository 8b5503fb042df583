import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from '../../kube/transport/transport.ts';

/** How many requests an API server has answered since it started, by `VERB resource/subresource`. A watch counts when it ends. */
export type ApiRequests = ReadonlyMap<string, number>;

/** An idle cluster renews its leases all the time: about two requests a second. */
const QUIET_PER_SECOND = 4;
const LOOK_MS = 5000;
/** Kinds of requests that are told. */
const MOST = 40;

/** By the server's own metric. Being asked for it is not counted there. */
export async function apiRequests(server: Transport): Promise<ApiRequests> {
  const metrics = await server.text({ path: '/metrics', accept: 'text/plain' });
  const requests = new Map<string, number>();
  for (const [, labels = '', count] of metrics.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    const of = [label('resource'), label('subresource')].filter((part) => part !== '').join('/');
    const key = `${label('verb')} ${of}`;
    requests.set(key, (requests.get(key) ?? 0) + Number(count));
  }
  return requests;
}

/** Those that came between, the most frequent first. */
export function requestsSince(before: ApiRequests, after: ApiRequests): ApiRequests {
  const since = [...after].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const);
  return new Map(since.filter(([, count]) => count > 0).toSorted(([, one], [, other]) => other - one));
}

export function total(requests: ApiRequests): number {
  return [...requests.values()].reduce((sum, count) => sum + count, 0);
}

/** `120 requests: 60 PUT leases, ...` */
export function mostOf(requests: ApiRequests): string {
  const most = [...requests].slice(0, MOST).map(([key, count]) => `${count} ${key}`);
  return `${total(requests)} requests: ${most.join(', ')}`;
}

/** Waits until nothing but the leases of an idle cluster is written. */
export async function untilQuiet(server: Transport): Promise<void> {
  for (let before = total(await apiRequests(server)); ; ) {
    await sleep(LOOK_MS);
    const after = total(await apiRequests(server));
    if (after - before <= (QUIET_PER_SECOND * LOOK_MS) / 1000) return;
    before = after;
  }
}
