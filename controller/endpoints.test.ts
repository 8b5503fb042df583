import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { CANARY_LABEL } from '../api/keys.ts';
import { silentLog } from '../kube/log.ts';
import { PretendClock } from '../kube/pretend-clock.ts';
import type { Transport } from '../kube/transport/transport.ts';
import { startEndpoints } from './endpoints.ts';

type Conditions = readonly { readonly ready?: boolean; readonly terminating?: boolean }[];

let version = 1;

/** A slice of podinfo-canary, with an endpoint for each of these. */
const slice = (name: string, ...conditions: Conditions) => ({
  metadata: {
    ...{ name, namespace: 'test', uid: name, resourceVersion: String(++version) },
    labels: { [CANARY_LABEL]: 'podinfo', 'kubernetes.io/service-name': 'podinfo-canary' },
  },
  endpoints: conditions.map((each, index) => ({ addresses: [`10.0.0.${index}`], conditions: each })),
});
const changed = (object: object) => ({ type: 'MODIFIED', object });

/** Follows a cluster with these slices, to which this happens; how often the canary was woken by each. */
async function followed(t: TestContext, listed: readonly object[], ...happens: readonly object[]) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const woken: string[] = [];
  const transport: Transport = {
    async request<T>({ query }: Parameters<Transport['request']>[0]): Promise<T> {
      assert.equal(query?.['labelSelector'], CANARY_LABEL);
      return (await Promise.resolve({ metadata: { resourceVersion: '1' }, items: listed })) as T;
    },
    text: () => assert.fail('nothing is asked for as text'),
    async *watch({ signal }: Parameters<Transport['watch']>[0]) {
      for (const event of happens) yield event as never;
      await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
    },
    close: () => undefined,
  };
  const endpoints = startEndpoints({
    ...{ transport, clock: new PretendClock(), log: silentLog, signal: stop.signal, path: '/slices' },
    onChange: (key) => woken.push(key),
  });
  await endpoints.synced;
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  return { ready: endpoints.ready('test/podinfo-canary'), woken, endpoints };
}

describe('endpoints of Services', () => {
  it('are those that are sent requests, of all slices of a Service', async (t) => {
    const slices = [
      slice('a', { ready: true }, { ready: false }, { ready: true, terminating: true }),
      slice('b', {}, { ready: true }),
    ];
    // As Kubernetes writes it before there are pods.
    const empty = { ...slice('c'), endpoints: null };
    const { ready, endpoints } = await followed(t, [empty, ...slices]);
    assert.equal(ready, 3);
    assert.equal(endpoints.ready('test/podinfo-primary'), 0);
    assert.equal(endpoints.ready('other/podinfo-canary'), 0);
  });

  it('wake their canary with the first and the last of a Service, and with nothing between', async (t) => {
    const up = [
      changed(slice('a', { ready: true })),
      changed(slice('b', { ready: true })),
      changed(slice('a', {}, {})),
    ];
    assert.deepEqual((await followed(t, [slice('a')], ...up)).woken, ['test/podinfo']);
    const down = [changed(slice('a', { ready: false })), { type: 'DELETED', object: slice('b', {}) }];
    const gone = await followed(t, [slice('a')], ...up, ...down);
    assert.deepEqual([gone.woken, gone.ready], [['test/podinfo', 'test/podinfo'], 0]);
  });
});
