import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary, Metric } from '../../api/generated/canary.ts';
import type { MetricTemplate } from '../../api/generated/metric-template.ts';
import { metricSource } from './metric-source.ts';

const canary = {
  metadata: { name: 'podinfo', namespace: 'shop' },
  spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' }, service: { port: 80 } },
} as unknown as Canary;

/** The template that was read for a metric, or why none was. */
async function readFor(
  templateRef: { readonly name: string; readonly namespace?: string },
  crossNamespaceRefs?: boolean,
) {
  const read: string[] = [];
  const template = (namespace: string, name: string) => {
    read.push(`${namespace}/${name}`);
    return {
      spec: { provider: { type: 'prometheus', address: 'http://p' }, query: 'up' },
    } as unknown as MetricTemplate;
  };
  const deps = { provider: 'istio', metricsServer: 'http://p', template } as const;
  const metric = { name: 'latency', interval: '1m', templateRef } as unknown as Metric;
  await metricSource(canary, metric, { ...deps, ...(crossNamespaceRefs !== undefined && { crossNamespaceRefs }) });
  return read;
}

describe('the template of a metric', () => {
  it('is of the canary’s namespace where none is named, or an empty one', async () => {
    assert.deepEqual(await readFor({ name: 'a' }), ['shop/a']);
    assert.deepEqual(await readFor({ name: 'a', namespace: '' }), ['shop/a']);
  });

  it('may be of another namespace unless that is forbidden', async () => {
    const far = { name: 'a', namespace: 'observability' };
    assert.deepEqual(await readFor(far), ['observability/a']);
    assert.deepEqual(await readFor({ name: 'a', namespace: 'shop' }, false), ['shop/a']);
    await assert.rejects(
      () => readFor(far, false),
      /MetricTemplate observability\/a is of another namespace, which --no-cross-namespace-refs forbids/,
    );
  });
});
