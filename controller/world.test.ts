import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { silentLog } from '../kube/log.ts';
import { createRuntimeMetrics } from '../kube/metrics.ts';
import { PretendClock } from '../kube/pretend-clock.ts';
import type { Transport } from '../kube/transport/transport.ts';
import { startWorld } from './world.ts';

const AUTOSCALERS = '/apis/autoscaling/v2/horizontalpodautoscalers';
const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };
const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' };
const meta = (name: string, version = '1') => ({ name, namespace: 'test', uid: name, resourceVersion: version });
const CANARY = { metadata: meta('podinfo'), spec: { targetRef, autoscalerRef } };

const scaler = (name: string, version: string, maxReplicas: number, currentReplicas = 1) => ({
  metadata: meta(name, version),
  spec: { maxReplicas },
  status: { currentReplicas },
});

/** Follows a cluster with one canary; what it was woken by is the canary's key, and what is asked of the API server its path. */
function followed(t: TestContext, told: readonly object[]) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const woken: string[] = [];
  const asked: string[] = [];
  const transport: Transport = {
    async request<T>({ path }: Parameters<Transport['request']>[0]): Promise<T> {
      asked.push(path);
      const lists: Readonly<Record<string, readonly object[]>> = {
        '/apis/flagger.app/v1beta1/canaries': [CANARY],
        [AUTOSCALERS]: [scaler('podinfo', '1', 4), scaler('other', '1', 4)],
      };
      return (await Promise.resolve({ metadata: { resourceVersion: '1' }, items: lists[path] ?? [] })) as T;
    },
    text: () => assert.fail('nothing is asked for as text'),
    async *watch<T>({ path, signal }: Parameters<Transport['watch']>[0]) {
      if (path === AUTOSCALERS) for (const object of told) yield { type: 'MODIFIED', object: object as T } as never;
      await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
    },
    close: () => undefined,
  };
  const world = startWorld({
    ...{ transport, clock: new PretendClock(), log: silentLog, signal: stop.signal, namespace: undefined },
    metrics: createRuntimeMetrics(new Registry()),
    tracksConfigs: false,
    onChange: (key) => woken.push(key),
  });
  return { world, woken, asked };
}

async function wokenBy(t: TestContext, ...told: readonly object[]): Promise<number> {
  const { world, woken } = followed(t, told);
  await world.synced;
  const before = woken.length;
  const store = await world.autoscalers();
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  assert.equal(store.get('test/podinfo') !== undefined, true, 'the autoscaler is not known');
  return woken.length - before;
}

describe('the world', () => {
  it('asks for no autoscaler before a canary names one', async (t) => {
    const { world, asked } = followed(t, []);
    await world.synced;
    assert.ok(!asked.includes(AUTOSCALERS), asked.join());
    await world.autoscalers();
    assert.ok(asked.includes(AUTOSCALERS), asked.join());
  });

  it('wakes a canary for what its autoscaler says, and not for what that sees every few seconds', async (t) => {
    const listed = await wokenBy(t);
    assert.equal(listed, 1, 'for the autoscaler itself');
    assert.equal(await wokenBy(t, scaler('podinfo', '2', 4, 3), scaler('podinfo', '3', 4, 2)), listed);
    assert.equal(await wokenBy(t, scaler('podinfo', '2', 5)), listed + 1);
    assert.equal(await wokenBy(t, scaler('podinfo-primary', '2', 4)), listed + 1);
    assert.equal(await wokenBy(t, scaler('other', '2', 9)), listed);
  });
});
