import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { KubeError } from '../kube/errors.ts';
import { silentLog } from '../kube/log.ts';
import { createRuntimeMetrics } from '../kube/metrics.ts';
import { PretendClock } from '../kube/pretend-clock.ts';
import type { Transport } from '../kube/transport/transport.ts';
import { startSurroundings } from './surroundings.ts';
import type { Subject } from './validate.ts';

const meta = (name: string, namespace = 'test') => ({ name, namespace, uid: name, resourceVersion: '1' });
const targetRef = (kind: string, name: string, apiVersion = 'apps/v1') => ({ apiVersion, kind, name });
const METRIC = { name: 'errors', thresholdRange: { max: 1 } };
const analysis = { interval: '30s', threshold: 5, stepWeight: 10, maxWeight: 50 };

const CLUSTER: Readonly<Record<string, readonly object[]>> = {
  '/apis/flagger.app/v1beta1/canaries': [
    {
      metadata: { ...meta('here'), annotations: { large: 'x' }, generation: 7 },
      spec: {
        targetRef: targetRef('Deployment', 'a'),
        service: { name: 'front', port: 80, headers: { request: { set: { a: 'large' } } } },
        analysis: {
          ...analysis,
          metrics: [{ name: 'errors', query: 'large' }],
          webhooks: [{ name: 'gate', type: 'confirm-rollout', url: 'http://gate', metadata: { a: 'large' } }],
        },
      },
      status: { phase: 'Succeeded', lastPromotedSpec: 'abc', history: [{ revision: 'abc', result: 'Succeeded' }] },
    },
    { metadata: meta('elsewhere', 'other'), spec: {} },
    { metadata: { ...meta('ending'), deletionTimestamp: 'now' }, spec: { targetRef: targetRef('Deployment', 'b') } },
    { metadata: meta('agents'), spec: { targetRef: targetRef('DaemonSet', 'c') } },
    {
      metadata: meta('first-layout', 'old'),
      spec: { canary: { name: 'app' }, primary: { name: 'app-stable' }, virtualService: { name: 'app' } },
    },
  ],
  '/apis/flagger.app/v1beta1/metrictemplates': [
    {
      metadata: { ...meta('errors', 'shared'), annotations: { large: 'x'.repeat(1000) } },
      spec: {
        provider: { type: 'prometheus', address: 'http://a' },
        query: `up{a="{{ variables.team }}"} # ${'x'.repeat(1000)}`,
      },
    },
  ],
  '/apis/flagger.app/v1beta1/alertproviders': [],
  '/apis/apps/v1/deployments': [
    { metadata: meta('podinfo'), spec: { replicas: 7, template: {} } },
    { metadata: meta('a-primary'), spec: { replicas: 3, template: {} } },
    { metadata: meta('app-stable', 'old'), spec: { replicas: 5 } },
  ],
  '/apis/apps/v1/daemonsets': [],
  '/api/v1/services': [],
};

/** @param silent a collection that is never listed */
async function surrounded(t: TestContext, knative: (path: string) => Promise<unknown>, silent?: string) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const accepted = new Map<string, string | undefined>();
  const asked: string[] = [];
  const transport: Transport = {
    async request<T>({ path, accept }: Parameters<Transport['request']>[0]): Promise<T> {
      const items = CLUSTER[path];
      if (items === undefined) {
        asked.push(path);
        return (await knative(path)) as T;
      }
      accepted.set(path, accept);
      if (path === silent) await new Promise(() => undefined);
      return { metadata: { resourceVersion: '1' }, items } as T;
    },
    text: () => assert.fail('nothing is asked for as text'),
    async *watch({ signal }) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      yield* [];
    },
    close: () => undefined,
  };
  const surroundings = startSurroundings({
    ...{ transport, clock: new PretendClock(), log: silentLog, signal: stop.signal },
    metrics: createRuntimeMetrics(new Registry()),
    defaults: { defaultProvider: 'kubernetes', scrapeIntervalMs: 5000 },
  });
  if (silent === undefined) await surroundings.synced;
  // All but the silent one are listed by then.
  else await setImmediate();
  return { surroundings, accepted, asked };
}

function canary(spec: object): Subject {
  const object = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata: meta('podinfo'), spec };
  return { kind: 'Canary', namespace: 'test', object, before: undefined };
}

const release = (target: object, more: object = {}) =>
  canary({ provider: 'istio', targetRef: target, service: { port: 80 }, analysis: { ...analysis, ...more } });
const none = () => Promise.reject(new KubeError({ status: 404, reason: 'NotFound', message: 'none' }));

describe('the surroundings', () => {
  it('are the canaries of the namespace with no more than needed, the templates that are named, and what is missing', async (t) => {
    const { surroundings, asked } = await surrounded(t, none);
    const metrics = [
      { ...METRIC, templateRef: { name: 'errors', namespace: 'shared' } },
      { ...METRIC, name: 'latency', templateRef: { name: 'latency' } },
    ];
    const alerts = [{ name: 'on-call', severity: 'error', providerRef: { name: 'slack' } }];
    const cluster = await surroundings.of(release(targetRef('Deployment', 'podinfo'), { metrics, alerts }));
    assert.deepEqual([cluster.defaultProvider, cluster.scrapeIntervalMs], ['kubernetes', 5000]);
    assert.deepEqual(
      cluster.canaries.map(({ metadata }) => metadata.name),
      ['here', 'ending', 'agents'],
    );
    assert.deepEqual(cluster.canaries[0], {
      metadata: meta('here'),
      spec: {
        targetRef: targetRef('Deployment', 'a'),
        service: { name: 'front' },
        analysis: { webhooks: [{ name: 'gate', type: 'confirm-rollout' }] },
      },
      status: { phase: 'Succeeded', ending: undefined, lastPromotedSpec: 'abc' },
    });
    assert.deepEqual(cluster.templates, [
      {
        metadata: meta('errors', 'shared'),
        spec: { provider: { type: 'prometheus' }, query: '{{ index variables "team" }}' },
      },
    ]);
    assert.deepEqual(
      cluster.missing.map(({ path, kind, name }) => [path, kind, name]),
      [
        ['spec.analysis.metrics[1].templateRef', 'MetricTemplate', 'latency'],
        ['spec.analysis.alerts[0].providerRef', 'AlertProvider', 'slack'],
      ],
    );
    assert.deepEqual(asked, []);
  });

  it('know of other workloads than Deployments nothing but their names, and ask for no more', async (t) => {
    const { surroundings, accepted } = await surrounded(t, none);
    for (const path of ['/apis/apps/v1/daemonsets', '/api/v1/services']) {
      assert.match(accepted.get(path) ?? '', /as=PartialObjectMetadataList/);
    }
    const { missing } = await surroundings.of(release(targetRef('DaemonSet', 'podinfo')));
    assert.deepEqual(
      missing.map(({ kind, name }) => `${kind} ${name}`),
      ['DaemonSet podinfo'],
    );
  });

  it('are asked about a Knative Service, which is taken to be there where no answer comes', async (t) => {
    const subject = canary({
      provider: 'knative',
      targetRef: targetRef('Service', 'podinfo', 'serving.knative.dev/v1'),
      analysis,
    });
    const gone = await surrounded(t, none);
    assert.equal((await gone.surroundings.of(subject)).missing.length, 1);
    assert.deepEqual(gone.asked, ['/apis/serving.knative.dev/v1/namespaces/test/services/podinfo']);
    const there = await surrounded(t, () => Promise.resolve({}));
    assert.deepEqual((await there.surroundings.of(subject)).missing, []);
    const refused = new KubeError({ status: 403, reason: 'Forbidden', message: 'no' });
    const silent = await surrounded(t, () => Promise.reject(refused));
    assert.deepEqual((await silent.surroundings.of(subject)).missing, []);
  });

  it('are asked about the autoscaler of a target, and how few pods it leaves', async (t) => {
    const autoscalerRef = { apiVersion: 'autoscaling/v2beta2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };
    const base = release(targetRef('Deployment', 'podinfo'));
    const subject = canary({ ...(base.object as { spec: object }).spec, autoscalerRef });
    const gone = await surrounded(t, none);
    const nothing = await gone.surroundings.of(subject);
    assert.deepEqual(
      nothing.missing.map(({ path }) => path),
      ['spec.autoscalerRef'],
    );
    assert.equal(nothing.scalerMinReplicas, undefined);
    assert.deepEqual(gone.asked, ['/apis/autoscaling/v2/namespaces/test/horizontalpodautoscalers/podinfo']);
    const there = await surrounded(t, () => Promise.resolve({ spec: { minReplicas: 3 } }));
    const found = await there.surroundings.of(subject);
    assert.deepEqual([found.missing, found.scalerMinReplicas], [[], 3]);
  });

  it('of what is wrong by itself are not looked for', async (t) => {
    const { surroundings, asked } = await surrounded(t, none);
    assert.deepEqual((await surroundings.of(canary({ targetRef: 7 }))).missing, []);
    assert.deepEqual(asked, []);
  });

  it('tell which canary releases a Deployment, and how many pods its primary wants', async (t) => {
    const { surroundings } = await surrounded(t, none);
    const found = (namespace: string, name: string) => {
      const told = surroundings.releaseOf({ namespace, name });
      return told && [told.canary.status?.phase, told.primaryReplicas];
    };
    assert.deepEqual(found('test', 'a'), ['Succeeded', 3]);
    assert.deepEqual(found('old', 'app'), [undefined, 5]);
    const others = [
      ['other', 'a'],
      ['test', 'podinfo'],
      ['test', 'a-primary'],
      ['test', 'b'],
      ['test', 'c'],
    ] as const;
    for (const [namespace, name] of others) assert.equal(found(namespace, name), undefined, `${namespace}/${name}`);
  });

  it('tell of no release before they know all', async (t) => {
    const { surroundings } = await surrounded(t, none, '/apis/apps/v1/deployments');
    assert.equal(surroundings.releaseOf({ namespace: 'test', name: 'a' }), undefined);
  });
});
