import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { withDefaults } from '../../../api/defaults.ts';
import type { Canary, CheckStatus } from '../../../api/generated/canary.ts';
import type { Provider } from '../../../api/provider-abilities.ts';
import { type MeasureDeps, measureAll } from '../../../controller/analysis/measure.ts';
import { httpCall } from '../../../controller/http-call.ts';
import { systemClock } from '../../../kube/clock.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { queryPrometheus } from '../prometheus.ts';
import {
  APPLICATION,
  BAD,
  ENVOY,
  exposing,
  ISTIO,
  type KnownSeries,
  knownSeries,
  LINKERD,
  NONE,
  type Served,
} from './known-series.ts';

const METRICS_SERVER = 'http://prometheus.monitoring:9090';

/** The canary’s: 96 % of 100 requests a second; 98 within 200 ms and 2 within 400, so that the p99 is in their middle. */
const CANARY: Served = {
  ok: 96,
  failed: 4,
  took: [
    [200, 98],
    [400, 2],
  ],
};
const FAILING: Served = { ok: 0, failed: 10, took: [[100, 10]] };

function canary(namespace: string, name: string, kind: 'Deployment' | 'DaemonSet' = 'Deployment'): Canary {
  const metrics = [
    { name: 'request-success-rate', interval: '30s', thresholdRange: { min: 96 } },
    { name: 'request-duration', interval: '0.5m', thresholdRange: { max: 299 } },
    {
      name: 'not-found',
      interval: '30s',
      templateRef: { name: 'status' },
      templateVariables: { code: '404' },
      threshold: 50,
    },
    { name: 'no-such-metric', query: 'sum(nothing{target="{{ target }}"})', threshold: 1 },
    { name: 'not-promql', query: 'sum(', threshold: 1 },
    { name: 'by-status', query: 'count by (response_code) (istio_requests_total)', threshold: 1 },
  ];
  return withDefaults('Canary', {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name, namespace },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind, name },
      service: { port: 9898 },
      analysis: { interval: '10s', threshold: 1, stepWeight: 10, metrics },
    },
  }) as Canary;
}

describe('measureAll() on a real Prometheus', { skip: sandboxOnly('its Prometheus and its image are used') }, () => {
  const namespace = testNamespace('queries');
  const other = testNamespace('queries-other');

  const deps = (provider: Provider): MeasureDeps => ({
    provider,
    metricsServer: METRICS_SERVER,
    template: (inNamespace, name) => ({
      apiVersion: 'flagger.app/v1beta1',
      kind: 'MetricTemplate',
      metadata: { name, namespace: inNamespace, uid: '', resourceVersion: '', generation: 1, creationTimestamp: '' },
      spec: {
        provider: { type: 'prometheus', address: `${METRICS_SERVER}/` },
        query: `100 * sum(rate(istio_requests_total{reporter="destination",destination_workload="{{ target }}",
          destination_workload_namespace="{{ namespace }}",response_code="{{ variables.code }}"}[{{ interval }}]))
          / sum(rate(istio_requests_total{reporter="destination",destination_workload="{{ target }}",
          destination_workload_namespace="{{ namespace }}"}[{{ interval }}]))${'\n# to fill a POST'.repeat(300)}`,
      },
    }),
    secret: () => Promise.resolve(undefined),
    call: httpCall,
    clock: systemClock,
    signal: new AbortController().signal,
  });

  before(async () => {
    const istio = (workload: string, served: Served, reporter = 'destination', inNamespace = namespace) => {
      const labels = { reporter, destination_workload: workload, destination_workload_namespace: inNamespace };
      return knownSeries(ISTIO, labels, served);
    };
    // The namespace is the pod's own, as Linkerd's Prometheus adds it.
    const linkerd = (deployment: string, served: Served, direction = 'inbound') =>
      knownSeries(LINKERD, { deployment, direction }, served);
    const envoy = (cluster: string, served: Served) => knownSeries(ENVOY, { envoy_cluster_name: cluster }, served);
    const gateway: KnownSeries = {
      ...istio('podinfo', CANARY),
      ...istio('podinfo', BAD, 'source'),
      ...istio('podinfo', BAD, 'destination', other),
      ...istio('podinfo-primary', BAD),
      ...istio('podinfo-canary-2', BAD),
      ...istio('failing', FAILING),
      ...istio('idle', NONE),
      ...linkerd('podinfo', CANARY),
      ...linkerd('podinfo', BAD, 'outbound'),
      ...linkerd('podinfo-primary', BAD),
      ...linkerd('podinfo-canary-2', BAD),
      ...linkerd('failing', FAILING),
      ...linkerd('idle', NONE),
      ...envoy(`${namespace}_podinfo-canary_9898`, CANARY),
      ...envoy(`${other}_podinfo-canary_9898`, BAD),
      ...envoy(`${namespace}_podinfo-primary_9898`, BAD),
      ...envoy(`${namespace}_podinfo-canary-2_9898`, BAD),
      ...envoy(`${namespace}_podinfo_9898`, BAD),
      ...envoy(`x${namespace}_podinfo-canary_9898`, BAD),
      ...envoy(`${namespace}_failing-canary_80`, FAILING),
      ...envoy(`${namespace}_idle-canary_80`, NONE),
    };
    const application = (served: Served) => knownSeries(APPLICATION, { path: '/' }, served);
    await apply(
      exposing('Deployment', namespace, 'gateway', gateway),
      exposing('Deployment', namespace, 'podinfo', application(CANARY)),
      exposing('Deployment', namespace, 'podinfo-primary', application(BAD)),
      exposing('Deployment', namespace, 'podinfo-canary-2', application(BAD)),
      exposing('DaemonSet', namespace, 'podinfo-db', application(BAD)),
      exposing('DaemonSet', namespace, 'agent', application(CANARY)),
      exposing('DaemonSet', namespace, 'agent-primary', application(BAD)),
      exposing('Deployment', other, 'podinfo', { ...application(BAD), ...linkerd('podinfo', BAD) }),
    );
    // Two scrapes of each of them, without which the neighbours would be left out by themselves.
    await eventually(async () => {
      const namespaces = `kubernetes_namespace=~"${namespace}|${other}"`;
      const scraped = await queryPrometheus(`count(count_over_time(up{${namespaces}}[1m]) >= 2)`);
      assert.equal(scraped, 8);
    });
  });

  async function measured(provider: Provider, name: string, kind?: 'DaemonSet') {
    const checks = await measureAll(canary(namespace, name, kind), deps(provider));
    return new Map<string, CheckStatus>(checks.map((check) => [check.name, check]));
  }

  async function assertCanaryAlone(provider: Provider, name = 'podinfo', kind?: 'DaemonSet'): Promise<void> {
    const checks = await measured(provider, name, kind);
    const successRate = checks.get('request-success-rate');
    assert.ok(Math.abs((successRate?.value ?? 0) - 96) < 1e-6, JSON.stringify(successRate));
    const duration = checks.get('request-duration');
    // The middle of the bucket from 200 to 400 ms.
    assert.ok(Math.abs((duration?.value ?? 0) - 300) < 1e-6, JSON.stringify(duration));
    assert.equal(duration?.verdict, 'Fail');
  }

  it('counts the canary’s requests by Istio, and nobody else’s', () => assertCanaryAlone('istio'));
  it('counts them by Linkerd', () => assertCanaryAlone('linkerd'));
  it('counts them by Contour', () => assertCanaryAlone('contour'));
  it('counts them by the application’s own metrics', () => assertCanaryAlone('gatewayapi:v1'));
  it('counts a DaemonSet’s by its own', () => assertCanaryAlone('gatewayapi:v1beta1', 'agent', 'DaemonSet'));

  for (const provider of ['istio', 'linkerd', 'contour'] as const) {
    it(`gives 0 % of ${provider} where all requests fail, and no data where there are none`, async () => {
      const failing = (await measured(provider, 'failing')).get('request-success-rate');
      assert.deepEqual([failing?.verdict, failing?.value], ['Fail', 0]);
      const idle = await measured(provider, 'idle');
      assert.equal(idle.get('request-success-rate')?.verdict, 'NoData');
      assert.equal(idle.get('request-duration')?.verdict, 'NoData');
      const unknown = await measured(provider, 'unknown');
      assert.equal(unknown.get('request-success-rate')?.verdict, 'NoData');
      assert.equal(unknown.get('request-duration')?.verdict, 'NoData');
    });
  }

  it('asks templates and inline queries, and says what is wrong with them', async () => {
    const checks = await measured('istio', 'podinfo');
    const notFound = checks.get('not-found');
    assert.equal(notFound?.verdict, 'Pass', JSON.stringify(notFound));
    assert.ok(Math.abs((notFound.value ?? 0) - 48) < 1e-6, JSON.stringify(notFound));
    assert.equal(checks.get('no-such-metric')?.verdict, 'NoData');
    assert.match(
      checks.get('not-promql')?.message ?? '',
      /^metrics server \(prometheus\.monitoring:9090\): status 400, .*parse error/,
    );
    assert.match(checks.get('by-status')?.message ?? '', /the query gives 3 series: make them one with sum\(\)/);
  });
});
