// Releases by Istio's control plane and its ingress gateway, judged by templates and by the built-in checks.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { assertInOrder, BUILT_IN_CHECKS, eventsOf, initializedPodinfo, QUICK_ANALYSIS } from './release.ts';
import { releaseUnderLoad } from './release-under-load.ts';
import { assertItsOwnFailures, FAILING } from './revision.ts';
import { assertServed } from './served-steps.ts';

const GATEWAY = 'http://istio-ingressgateway.istio-system';
const OLD = '6.9.0';
const NEW = '6.9.1';
const PER_SECOND = 40;
/** Of some 250 in a step on a machine that has nothing else to do; five other files may slow it down to a fifth. */
const AT_LEAST = 20;
const TRAFFIC_POLICY = { connectionPool: { http: { http1MaxPendingRequests: 1000 } } };

/** Of Envoy's own counts, which are there with any Istio; those without a code are the same ones by class. */
const cluster = 'cluster_name="outbound|9898||{{ target }}-canary.{{ namespace }}.svc.cluster.local"';
const TEMPLATES = {
  answers: `100 * (sum(rate(envoy_cluster_upstream_rq{${cluster},response_code=~"{{ variables.codes }}"}[{{ interval }}]))
    or vector(0)) / sum(rate(envoy_cluster_upstream_rq{${cluster},response_code!=""}[{{ interval }}]))`,
  latency: `histogram_quantile(0.99,
    sum by (le) (rate(envoy_cluster_upstream_rq_time_bucket{${cluster}}[{{ interval }}])))`,
};
/** Envoy adds to its histograms every five seconds only: a window of six is one without a request now and then. */
const ANALYSIS = {
  ...QUICK_ANALYSIS,
  interval: '8s',
  metrics: [
    ...BUILT_IN_CHECKS.map((metric) => ({ ...metric, interval: '12s' })),
    {
      name: 'errors',
      templateRef: { name: 'answers' },
      templateVariables: { codes: '4..|5..' },
      thresholdRange: { max: 1 },
      interval: '12s',
    },
    { name: 'latency', templateRef: { name: 'latency' }, thresholdRange: { max: 5000 }, interval: '12s' },
  ],
};

/**
 * A ninth of the requests gets a 500. On a machine so busy that a step has none of them the next one does, and what was seen
 * once is not forgotten before the second check.
 */
const BAD_WEIGHTS = [50, 60, 70, 80];
const { stepWeight: _stepWeight, maxWeight: _maxWeight, ...UNWEIGHTED } = ANALYSIS;
const BAD_ANALYSIS = {
  ...{ ...UNWEIGHTED, stepWeights: BAD_WEIGHTS },
  metrics: ANALYSIS.metrics.map((metric) => ({ ...metric, interval: '30s' })),
};

interface VirtualService {
  readonly spec: {
    readonly hosts: readonly string[];
    readonly gateways: readonly string[];
    readonly http: readonly {
      readonly route: readonly { readonly destination: { readonly host: string }; readonly weight?: number }[];
    }[];
  };
}

describe('a release by Istio', {
  skip: sandboxOnly('the load reaches the gateway’s Service by its name'),
  concurrency: true,
}, () => {
  const namespace = testNamespace('istio');
  const hostOf = (name: string) => `${name}.${namespace}.test`;
  let transport: Transport;
  before(async () => {
    transport = await apiServer();
    const provider = { type: 'prometheus', address: 'http://prometheus.monitoring:9090' };
    await apply(
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Gateway',
        metadata: { name: 'public', namespace },
        spec: {
          selector: { istio: 'ingressgateway' },
          servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['good', 'bad'].map(hostOf) }],
        },
      },
      ...Object.entries(TEMPLATES).map(([name, query]) => ({
        apiVersion: 'flagger.app/v1beta1',
        kind: 'MetricTemplate',
        metadata: { name, namespace },
        spec: { provider, query },
      })),
    );
  });
  after(() => transport.close());

  async function released(name: string, spec: object = {}): Promise<string> {
    const host = hostOf(name);
    const service = { port: 9898, hosts: [host], gateways: ['public', 'mesh'], trafficPolicy: TRAFFIC_POLICY };
    const wanted = { provider: 'istio', service, analysis: ANALYSIS, ...spec };
    await initializedPodinfo(transport, namespace, wanted, { name, version: OLD });
    await eventually(() => getOk(`${GATEWAY}/version`, { host }));
    return host;
  }

  it('promotes a good revision, and nobody loses a request', async (t: TestContext) => {
    const name = 'good';
    const host = await released(name);
    const { status, served } = await releaseUnderLoad(t, {
      ...{ transport, namespace, name, host, gateway: GATEWAY, perSecond: PER_SECOND, old: OLD },
      revision: { version: NEW },
    });

    assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
    assert.deepEqual(checksOf(status), [
      ...['request-success-rate Pass', 'request-duration Pass'],
      ...['errors Pass', 'latency Pass'],
    ]);
    assert.deepEqual(served.failures, []);
    assert.deepEqual([...served.statuses.keys()], [200]);
    assertServed(served.steps, [25, 50], { primary: OLD, atLeast: AT_LEAST });
    assertInOrder(await eventsWith(name, /^Promotion completed!/), [
      `New revision detected! Scaling up ${name}.${namespace}`,
      `Advance ${name}.${namespace} canary weight 25`,
      `Advance ${name}.${namespace} canary weight 50`,
      `Copying ${name}.${namespace} template spec to ${name}-primary.${namespace}`,
      'Routing all traffic to primary',
      `Promotion completed! Scaling down ${name}.${namespace}`,
    ]);
    await assertRestored(name);
    const { version } = JSON.parse(await getOk(`${GATEWAY}/version`, { host })) as { version: string };
    assert.equal(version, NEW);
  });

  it('rolls a bad revision back, and only what it failed itself has failed', async (t: TestContext) => {
    const name = 'bad';
    const host = await released(name, { analysis: BAD_ANALYSIS });
    const { status, served } = await releaseUnderLoad(t, {
      ...{ transport, namespace, name, host, gateway: GATEWAY, perSecond: PER_SECOND, old: OLD },
      revision: { version: NEW, flags: FAILING },
    });

    assert.equal(status.phase, 'Failed', JSON.stringify(status));
    assert.equal(status.failedChecks, QUICK_ANALYSIS.threshold);
    assert.deepEqual(checksOf(status), [
      ...['request-success-rate Fail', 'request-duration Pass'],
      ...['errors Fail', 'latency Pass'],
    ]);
    const [successRate, , errors] = status.checks ?? [];
    // A ninth of all are 500s, and a third are errors of one kind or another.
    assert.ok((successRate?.value ?? 0) > 75 && (successRate?.value ?? 100) < 97, JSON.stringify(successRate));
    assert.ok((errors?.value ?? 0) > 18 && (errors?.value ?? 100) < 50, JSON.stringify(errors));
    assertItsOwnFailures(served);
    assert.ok(served.steps.length < BAD_WEIGHTS.length, 'it got to the last weight');
    assertServed(served.steps, BAD_WEIGHTS.slice(0, served.steps.length), { primary: OLD, atLeast: AT_LEAST });
    const events = await eventsWith(name, /^Canary failed!/);
    // Those of one moment stand in any order.
    for (const halt of ['success rate [\\d.]+% < 99%', 'errors [\\d.]+ > 1']) {
      assertInOrder(events, [
        `Advance ${name}.${namespace} canary weight 50`,
        new RegExp(`^Halt ${name}\\.${namespace} advancement ${halt}$`),
        `Canary failed! Scaling down ${name}.${namespace}`,
      ]);
    }
    const rolledBack = `Rolling back ${name}.${namespace} failed checks threshold reached 2`;
    assert.ok(events.includes(rolledBack), events.join('\n'));
    await assertRestored(name);
    assert.equal(await kubectl('-n', namespace, 'get', 'deployment', name, '-o', 'jsonpath={.spec.replicas}'), '0');
  });

  async function eventsWith(name: string, last: RegExp): Promise<readonly string[]> {
    return eventually(async () => {
      const events = await eventsOf(namespace, name);
      assert.ok(
        events.some((text) => last.test(text)),
        events.join('\n'),
      );
      return events;
    });
  }

  /** All is the primary's again, in a VirtualService with a DestinationRule for each of its destinations. */
  async function assertRestored(name: string): Promise<void> {
    const { spec } = await kubectlJson<VirtualService>('-n', namespace, 'get', 'virtualservice', name);
    assert.deepEqual(
      [spec.hosts, spec.gateways],
      [
        [hostOf(name), name],
        ['public', 'mesh'],
      ],
    );
    assert.deepEqual(
      spec.http.map(({ route }) => route.map(({ destination, weight }) => [destination.host, weight])),
      [
        [
          [`${name}-primary`, 100],
          [`${name}-canary`, 0],
        ],
      ],
    );
    for (const host of [`${name}-primary`, `${name}-canary`]) {
      const rule = await kubectlJson<{ spec: object }>('-n', namespace, 'get', 'destinationrule', host);
      assert.deepEqual(rule.spec, { host, trafficPolicy: TRAFFIC_POLICY });
    }
  }
});

function checksOf({ checks = [] }: CanaryStatus): readonly string[] {
  return checks.map(({ name, verdict }) => `${name} ${verdict}`);
}
