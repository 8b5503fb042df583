import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { createRuntimeMetrics } from './metrics.ts';
import { PretendClock } from './pretend-clock.ts';
import { registerProcessMetrics } from './process-metrics.ts';
import { WorkQueue } from './work-queue.ts';

/** The value of a series as it is scraped; `undefined` when there is no such line. */
async function scraped(registry: Registry, series: string): Promise<number | undefined> {
  const line = (await registry.metrics()).split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

describe('createRuntimeMetrics()', () => {
  it('starts what is counted at 0, so that no first error is missed', async () => {
    const registry = new Registry();
    const metrics = createRuntimeMetrics(registry);
    metrics.controller('canary');
    metrics.reflector('deployments');
    metrics.queue('canary');
    for (const series of [
      'controller_runtime_reconcile_total{controller="canary",result="error"}',
      'reflector_watch_restarts_total{resource="deployments",reason="expired"}',
      'reflector_lists_total{resource="deployments"}',
      'workqueue_adds_total{name="canary"}',
      'workqueue_retries_total{name="canary"}',
    ]) {
      assert.equal(await scraped(registry, series), 0, series);
    }
  });

  it('counts what it is told', async () => {
    const registry = new Registry();
    const metrics = createRuntimeMetrics(registry);
    metrics.controller('canary').reconciled('conflict', 0.2);
    metrics.reflector('deployments').watchEnded('idle');
    metrics.reflector('deployments').heard(new Date(5000));
    metrics.transport.answered('GET', 429, 0.1, '/version');
    metrics.leading('canary', true);
    for (const [series, value] of [
      ['controller_runtime_reconcile_total{controller="canary",result="conflict"}', 1],
      ['controller_runtime_reconcile_time_seconds_sum{controller="canary"}', 0.2],
      ['reflector_watch_restarts_total{resource="deployments",reason="idle"}', 1],
      ['reflector_last_heard_timestamp_seconds{resource="deployments"}', 5],
      ['rest_client_requests_total{method="GET",code="429"}', 1],
      ['leader_election_master_status{name="canary"}', 1],
    ] as const) {
      assert.equal(await scraped(registry, series), value, series);
    }
  });

  it('asks the queue for its depth, and is told of its keys', async () => {
    const registry = new Registry();
    const metrics = createRuntimeMetrics(registry);
    const clock = new PretendClock();
    const queue = new WorkQueue({ clock, metrics: metrics.queue('canary') });
    metrics.depth('canary', queue);
    for (const key of ['a', 'b', 'a']) queue.add(key);
    assert.equal(await scraped(registry, 'workqueue_depth{name="canary"}'), 2);
    clock.advance(3000);
    await queue.take();
    queue.retry('b');
    assert.equal(await scraped(registry, 'workqueue_depth{name="canary"}'), 1);
    assert.equal(await scraped(registry, 'workqueue_adds_total{name="canary"}'), 2);
    assert.equal(await scraped(registry, 'workqueue_queue_duration_seconds_sum{name="canary"}'), 3);
    assert.equal(await scraped(registry, 'workqueue_retries_total{name="canary"}'), 1);
    queue.close();
  });
});

describe('registerProcessMetrics()', () => {
  it('shows CPU, memory and an event loop that was held up, and ends with its signal', async () => {
    const registry = new Registry();
    const stop = new AbortController();
    registerProcessMetrics(registry, process, stop.signal);
    await sleep(700);
    const until = performance.now() + 1200;
    while (performance.now() < until);
    await sleep(700);
    assert.ok(((await scraped(registry, 'nodejs_eventloop_lag_max_seconds')) ?? 0) > 0.3);
    assert.ok(((await scraped(registry, 'process_cpu_seconds_total')) ?? 0) > 0.5);
    assert.ok(((await scraped(registry, 'process_resident_memory_bytes')) ?? 0) > 1e7);
    assert.ok(((await scraped(registry, 'nodejs_heap_size_used_bytes')) ?? 0) > 1e6);
    stop.abort();
    const after = () => scraped(registry, 'nodejs_eventloop_lag_max_seconds');
    await after();
    await sleep(700);
    assert.equal(await after(), 0);
  });

  it('counts what is open: a timer and a socket until they are closed', async () => {
    const registry = new Registry();
    const stop = new AbortController();
    registerProcessMetrics(registry, process, stop.signal);
    const timers = async () => (await scraped(registry, 'nodejs_active_resources{type="Timeout"}')) ?? 0;
    const servers = async () => (await scraped(registry, 'nodejs_active_resources{type="TCPServerWrap"}')) ?? 0;
    const before = { timers: await timers(), servers: await servers() };
    const timer = setTimeout(() => undefined, 60_000);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    assert.deepEqual(
      { timers: await timers(), servers: await servers() },
      { timers: before.timers + 1, servers: before.servers + 1 },
    );
    clearTimeout(timer);
    const closed = once(server, 'close');
    server.close();
    await closed;
    // Its handle goes a turn of the event loop later.
    await sleep(100);
    assert.deepEqual({ timers: await timers(), servers: await servers() }, before);
    stop.abort();
  });
});
