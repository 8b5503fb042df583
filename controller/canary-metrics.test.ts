import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Registry } from 'prom-client';
import type { Canary, CanaryStatus } from '../api/generated/canary.ts';
import { RestingRegistry } from '../kube/resting-registry.ts';
import { createCanaryMetrics } from './canary-metrics.ts';

const canary = (status: CanaryStatus, spec: object = {}) =>
  ({
    metadata: { name: 'web', namespace: 'test' },
    spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' }, ...spec },
    status,
  }) as unknown as Canary;
const run = (result: 'Succeeded' | 'Failed' | 'Superseded', finishedAt = '2026-01-01T00:02:00.000Z') => ({
  ...{ revision: 'r', result, finishedAt, startedAt: '2026-01-01T00:00:30.000Z' },
});

function setUp(canaries: readonly Canary[] = []) {
  const registries = [new Registry(), new RestingRegistry()] as const;
  const metrics = createCanaryMetrics(...registries, { version: '1', meshProvider: 'istio', canaries: () => canaries });
  const lines = async () =>
    (await Promise.all(registries.map((registry) => registry.metrics())))
      .flatMap((text) => text.split('\n'))
      .filter((line) => line !== '' && !line.startsWith('#'));
  return { metrics, lines };
}

describe('the metrics of canaries', () => {
  it('say where each release stands, a run under way as such in every phase', async () => {
    const { metrics, lines } = setUp();
    const numbers = {
      Progressing: 0,
      Waiting: 0,
      Promoting: 0,
      Finalising: 0,
      Initialized: 1,
      Succeeded: 1,
      Failed: 2,
    };
    for (const [phase, number] of Object.entries(numbers)) {
      metrics.moved({}, canary({ phase: phase as keyof typeof numbers }));
      assert.ok((await lines()).includes(`flagger_canary_status{name="web",namespace="test"} ${number}`), phase);
    }
  });

  it('say what each side gets', async () => {
    const { metrics, lines } = setUp();
    metrics.moved({}, canary({ phase: 'Progressing', actualWeight: 30 }));
    const all = await lines();
    assert.ok(all.includes('flagger_canary_weight{workload="podinfo",namespace="test"} 30'));
    assert.ok(all.includes('flagger_canary_weight{workload="podinfo-primary",namespace="test"} 70'));
  });

  it('count the end of a run once, with the time that it took', async () => {
    const { metrics, lines } = setUp();
    const after = canary({ phase: 'Succeeded', history: [run('Succeeded')] });
    metrics.moved({ phase: 'Finalising' }, after);
    metrics.moved(after.status ?? {}, after);
    metrics.moved(
      after.status ?? {},
      canary({ phase: 'Progressing', history: [run('Superseded', '2026-01-01T00:03:00Z')] }),
    );
    const all = await lines();
    const labels = 'name="web",namespace="test",deployment_strategy="canary",analysis_status="completed"';
    assert.ok(all.includes(`flagger_canary_successes_total{${labels}} 1`));
    assert.ok(all.includes('flagger_canary_duration_seconds_bucket{le="120",name="web",namespace="test"} 1'));
    assert.ok(!all.some((line) => line.startsWith('flagger_canary_failures_total{')));
  });

  it('count canaries by namespace, and have the last value of each check', async () => {
    const { metrics, lines } = setUp([canary({}), canary({})]);
    metrics.measured(canary({}), [{ kind: 'Metric', name: 'errors', verdict: 'Fail', value: 7 }]);
    const all = await lines();
    assert.ok(all.includes('flagger_canary_total{namespace="test"} 2'));
    assert.ok(all.includes('flagger_canary_metric_analysis{name="web",namespace="test",metric="errors"} 7'));
  });

  it('forget a canary that is gone, all of it', async () => {
    const { metrics, lines } = setUp();
    metrics.moved({}, canary({ phase: 'Failed', history: [run('Failed')] }));
    metrics.measured(canary({}), [{ kind: 'Metric', name: 'errors', verdict: 'Fail', value: 7 }]);
    metrics.gone('test/web');
    assert.deepEqual(
      (await lines()).filter((line) => line.includes('namespace="test"')),
      [],
    );
  });
});
