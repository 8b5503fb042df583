// The walk-throughs of the documents that the system is defined by, on real traffic.
//
// What is not as it is there, in all of them: the namespace, the image (ghcr.io and 6.9 for quay.io and 1.2 or 3.1, its
// container podinfo for podinfod), and the interval of the analysis, which the documents of 2018 leave out and that on
// Crossover has as a minute. Who generates load does so from outside, through a gateway: the sandbox's pods have no sidecars.
// In Crossover's place, which makes an Envoy follow a TrafficSplit, Contour's Envoy is made to.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { CANARY_LABEL } from '../../../api/keys.ts';
import { smiV1Alpha1 } from '../../../controller/router/smi.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { autoscaler } from '../autoscaler.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { get, getOk } from '../http.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';
import { type Load, startLoad } from './load.ts';
import { assertInOrder, CONTOUR_GATEWAY, eventsOf, setImage, untilPhase, untilStatus } from './release.ts';
import {
  CROSSOVER_CANARY,
  ERROR_RATE_TEMPLATE,
  FIRST_CANARY,
  FIRST_CANARY_SERVICE,
  FIRST_ROLLOUT,
  FIRST_VIRTUAL_SERVICE,
  LATENCY_TEMPLATE,
  type Manifest,
  manifestsIn,
} from './seed-manifests.ts';
import { carryOutSplits } from './smi-data-plane.ts';

const ISTIO_GATEWAY = 'http://istio-ingressgateway.istio-system';
const [FIRST, SECOND, THIRD] = ['6.9.0', '6.9.1', '6.9.2'] as const;

/** What went wrong has to leave a window of a minute, or to become few in it, at the pace of a busy machine. */
const DILUTED_WITHIN_MS = 300_000;

interface Owned {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly ownerReferences?: readonly object[];
  };
}

describe('the walk-throughs', {
  skip: sandboxOnly('the load reaches the gateways’ Services by their names'),
  concurrency: true,
}, () => {
  const rollout = testNamespace('first-rollout');
  const canary = testNamespace('first-canary');
  const crossover = testNamespace('crossover');
  let transport: Transport;
  before(async () => {
    transport = await apiServer();
  });
  after(() => transport.close());

  it('of a rollout that is paused by latency and by errors, and goes on', async (t: TestContext) => {
    const namespace = rollout;
    // A Canary of flagger.app for the Rollout of apps.weave.works; a threshold, which a Rollout has none of, that is not reached.
    const [written] = manifestsIn(namespace, FIRST_ROLLOUT);
    const { spec, metadata } = must(written);
    await bootstrapped(namespace, {
      ...{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata },
      spec: { ...spec, canaryAnalysis: { ...(spec['canaryAnalysis'] as object), threshold: 1000, interval: '2s' } },
    });

    const load = startLoad(`${ISTIO_GATEWAY}/version`, { host: `podinfo.${namespace}.test`, perSecond: 20 });
    t.after(() => load.stop());
    await setImage(namespace, SECOND, 'podinfo-canary');
    await reached(namespace, 30);
    const host = `podinfo-canary.${namespace}.test`;
    // Of a status that it has never seen, Prometheus does not count the first: it is to see one before they are many.
    await get(`${ISTIO_GATEWAY}/status/500`, { host });
    // watch curl http://podinfo-canary:9898/delay/1
    await during(startLoad(`${ISTIO_GATEWAY}/delay/1`, { host, perSecond: 1 }), () =>
      halted(namespace, /request duration/),
    );
    // The check looks back a minute, in which the slow ones have to become fewer than one in a hundred.
    const diluting = startLoad(`${ISTIO_GATEWAY}/version`, { host, perSecond: 100 });
    t.after(() => diluting.stop());
    await reached(namespace, 60);
    // watch curl http://podinfo-canary:9898/status/500, so many that they are one in a hundred before the last step is over
    await during(startLoad(`${ISTIO_GATEWAY}/status/500`, { host, perSecond: 25 }), () =>
      halted(namespace, /success rate/),
    );
    const isOver = ({ phase }: CanaryStatus) => phase === 'Succeeded' || phase === 'Failed';
    const status = await untilStatus(transport, namespace, 'podinfo', isOver, 'over', DILUTED_WITHIN_MS);
    const [{ failures }, diluted] = await Promise.all([load.stop(), diluting.stop()]);
    t.diagnostic(`failed checks: ${status.failedChecks}; ${diluted.requests} requests to dilute what went wrong`);

    assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
    assert.deepEqual(failures, []);
    const title = `podinfo-canary.${namespace}`;
    // What moves and halts is the release of canary podinfo.
    const release = `podinfo.${namespace}`;
    const events = await eventsWith(namespace, /^Promotion completed!/);
    assertInOrder(events, [
      `New revision detected! Scaling up ${title}`,
      ...[10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((weight) => `Advance ${release} canary weight ${weight}`),
      `Copying ${title} template spec to podinfo.${namespace}`,
      'Routing all traffic to primary',
      `Promotion completed! Scaling down ${title}`,
    ]);
    assertInOrder(events, [
      `Advance ${release} canary weight 30`,
      new RegExp(`^Halt ${release} advancement request duration \\d[\\d.]*m?s > 500ms$`),
      new RegExp(`^Halt ${release} advancement success rate \\d\\d\\.\\d\\d% < 99%$`),
      `Copying ${title} template spec to podinfo.${namespace}`,
    ]);
    await assertTheUsersOwn(namespace);
  });

  it('of a canary of 2018 that is promoted, and of the next one that fails', async (t: TestContext) => {
    const namespace = canary;
    const [written] = manifestsIn(namespace, FIRST_CANARY);
    const { spec, ...rest } = must(written);
    const analysis = spec['canaryAnalysis'] as { readonly metrics: readonly { readonly name: string }[] };
    // Half a second would judge how busy the machine is.
    const metrics = analysis.metrics.map((metric) => ({
      ...metric,
      ...(metric.name === 'request-duration' && { threshold: 5000 }),
    }));
    const before2018 = await bootstrapped(namespace, {
      ...rest,
      spec: { ...spec, canaryAnalysis: { ...analysis, metrics, interval: '2s' } },
    });
    assert.deepEqual(before2018, await usersOwn(namespace), 'other objects than the user made');

    const title = `podinfo-canary.${namespace}`;
    // What moves and halts is the release of canary podinfo.
    const release = `podinfo.${namespace}`;
    const load = startLoad(`${ISTIO_GATEWAY}/version`, { host: `podinfo.${namespace}.test`, perSecond: 20 });
    t.after(() => load.stop());
    await setImage(namespace, SECOND, 'podinfo-canary');
    await untilPhase(transport, namespace, 'podinfo', 'Progressing');
    const promoted = await untilPhase(transport, namespace, 'podinfo', 'Succeeded', 'Failed');
    assert.equal(promoted.phase, 'Succeeded', JSON.stringify(promoted));
    assertInOrder(await eventsWith(namespace, /^Promotion completed!/), [
      `New revision detected! Scaling up ${title}`,
      ...[5, 10, 15, 20, 25, 30, 35, 40, 45, 50].map((weight) => `Advance ${release} canary weight ${weight}`),
      `Copying ${title} template spec to podinfo.${namespace}`,
      'Routing all traffic to primary',
      `Promotion completed! Scaling down ${title}`,
    ]);

    await setImage(namespace, THIRD, 'podinfo-canary');
    await reached(namespace, 15);
    const host = `podinfo-canary.${namespace}.test`;
    const failed = await during(startLoad(`${ISTIO_GATEWAY}/status/500`, { host, perSecond: 20 }), () =>
      untilPhase(transport, namespace, 'podinfo', 'Succeeded', 'Failed'),
    );
    const { failures, requests } = await load.stop();
    t.diagnostic(`${requests} requests; failed checks: ${promoted.failedChecks}, then ${failed.failedChecks}`);

    assert.equal(failed.phase, 'Failed', JSON.stringify(failed));
    assert.equal(failed.failedChecks, 10);
    assert.deepEqual(failures, []);
    const events = await eventsWith(namespace, /^Canary failed!/);
    // What was said in the release before, such as the weights, is counted in the event that it has already.
    assertInOrder(events.slice(events.indexOf(`Promotion completed! Scaling down ${title}`)), [
      new RegExp(`^Halt ${release} advancement success rate \\d\\d\\.\\d\\d% < 99%$`),
      `Rolling back ${title} failed checks threshold reached 10`,
      `Canary failed! Scaling down ${title}`,
    ]);
    const image = 'jsonpath={.spec.template.spec.containers[0].image}';
    assert.match(await kubectl('-n', namespace, 'get', 'deployment', 'podinfo', '-o', image), /:6\.9\.1$/);
    await assertTheUsersOwn(namespace);
  });

  it('of a canary with templates that is promoted, and of the next one that fails', async (t: TestContext) => {
    const namespace = crossover;
    const host = `podinfo.${namespace}.test`;
    await apply(...podinfo({ name: 'podinfo', namespace, version: FIRST }));
    await rolledOut(namespace, 'podinfo');
    const splits = carryOutSplits(transport, namespace, smiV1Alpha1);
    t.after(() => splits.stop());
    await apply(...manifestsIn(namespace, ERROR_RATE_TEMPLATE, LATENCY_TEMPLATE).map(onContoursEnvoy));
    await apply(autoscaler({ namespace, name: 'podinfo', minReplicas: 1, maxReplicas: 2 }));
    // There is no load tester here: the load comes from outside.
    const [written] = manifestsIn(namespace, CROSSOVER_CANARY);
    const { spec, ...rest } = must(written);
    const { analysis, ...others } = spec;
    const { webhooks: _webhooks, metrics, ...steps } = analysis as { webhooks: unknown; metrics: readonly object[] };
    await apply({
      ...rest,
      spec: {
        ...others,
        analysis: {
          ...{ ...steps, interval: '2s' },
          // Envoy's histogram has milliseconds, of which half a one would fail everything. It also tells of requests up to five
          // seconds late, which the seed's minute does not notice and two seconds do.
          metrics: metrics.map((metric) => ({
            ...metric,
            ...((metric as { name: string }).name === 'latency' && { thresholdRange: { max: 500 } }),
            onNoData: 'hold',
          })),
        },
      },
    });
    await untilPhase(transport, namespace, 'podinfo', 'Initialized');
    await eventually(() => getOk(`${CONTOUR_GATEWAY}/version`, { host }));

    const title = `podinfo.${namespace}`;
    const load = startLoad(`${CONTOUR_GATEWAY}/version`, { host, perSecond: 40 });
    t.after(() => load.stop());
    await setImage(namespace, SECOND);
    await untilPhase(transport, namespace, 'podinfo', 'Progressing');
    const promoted = await untilPhase(transport, namespace, 'podinfo', 'Succeeded', 'Failed');
    assert.equal(promoted.phase, 'Succeeded', JSON.stringify(promoted));
    assertInOrder(await eventsWith(namespace, /^Promotion completed!/), [
      `New revision detected! Scaling up ${title}`,
      ...[5, 10, 15, 20, 25, 30, 35, 40, 45, 50].map((weight) => `Advance ${title} canary weight ${weight}`),
      `Copying ${title} template spec to podinfo-primary.${namespace}`,
      'Routing all traffic to primary',
      `Promotion completed! Scaling down ${title}`,
    ]);

    await setImage(namespace, THIRD);
    await reached(namespace, 15);
    // hey -z 1m -c 5 -q 5 -H 'Host: podinfo.test' http://envoy.test:10000/status/500, and the same with /delay/1
    const slow = startLoad(`${CONTOUR_GATEWAY}/delay/1`, { host, perSecond: 10 });
    t.after(() => slow.stop());
    const failed = await during(startLoad(`${CONTOUR_GATEWAY}/status/500`, { host, perSecond: 25 }), () =>
      untilPhase(transport, namespace, 'podinfo', 'Succeeded', 'Failed'),
    );
    const [{ failures, requests }] = await Promise.all([load.stop(), slow.stop()]);
    t.diagnostic(`${requests} requests; failed checks: ${promoted.failedChecks}, then ${failed.failedChecks}`);

    assert.equal(failed.phase, 'Failed', JSON.stringify(failed));
    assert.equal(failed.failedChecks, 5);
    assert.deepEqual(failures, []);
    const events = await eventsWith(namespace, /^Canary failed!/);
    const second = events.slice(events.indexOf(`Promotion completed! Scaling down ${title}`));
    assertInOrder(second, [
      new RegExp(`^Halt ${title} advancement error-rate [\\d.]+ > 1$`),
      `Rolling back ${title} failed checks threshold reached 5`,
      `Canary failed! Scaling down ${title}`,
    ]);
    assertInOrder(second, [
      new RegExp(`^Halt ${title} advancement latency [\\d.]+ > 500$`),
      `Rolling back ${title} failed checks threshold reached 5`,
    ]);
  });

  /** Applies what a user of 2018 has, with a gateway in place of a mesh, and waits until the canary has taken it over. */
  async function bootstrapped(namespace: string, firstCanary: object): Promise<readonly string[]> {
    const hosts = ['podinfo', 'podinfo-canary'].map((name) => `${name}.${namespace}.test`);
    const [deployment] = podinfo({ name: 'podinfo-canary', namespace, version: FIRST });
    const [virtualService] = manifestsIn(namespace, FIRST_VIRTUAL_SERVICE);
    const { spec, ...rest } = must(virtualService);
    await apply(
      ...podinfo({ name: 'podinfo', namespace, version: FIRST }),
      must(deployment),
      ...manifestsIn(namespace, FIRST_CANARY_SERVICE),
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Gateway',
        metadata: { name: 'public', namespace },
        spec: {
          selector: { istio: 'ingressgateway' },
          servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts }],
        },
      },
      // "Replace the gateway and the internet domain with your own."
      { ...rest, spec: { ...spec, gateways: ['public'], hosts: [...(spec['hosts'] as string[]), hosts[0]] } },
      // For who calls podinfo-canary from a pod.
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'tester', namespace },
        spec: {
          ...{ gateways: ['public'], hosts: [hosts[1]] },
          http: [{ route: [{ destination: { host: 'podinfo-canary', port: { number: 9898 } } }] }],
        },
      },
    );
    await Promise.all([rolledOut(namespace, 'podinfo'), rolledOut(namespace, 'podinfo-canary')]);
    // What nothing but this says on the user's own Deployment: that the controller may change it.
    await kubectl('-n', namespace, 'label', 'deployment', 'podinfo', `${CANARY_LABEL}=podinfo`);
    const there = await usersOwn(namespace);
    await apply(firstCanary);
    await untilPhase(transport, namespace, 'podinfo', 'Initialized');
    await eventually(() => getOk(`${ISTIO_GATEWAY}/version`, { host: must(hosts[0]) }));
    return there;
  }

  async function reached(namespace: string, weight: number): Promise<CanaryStatus> {
    const isThere = ({ phase, desiredWeight = 0 }: CanaryStatus) => phase === 'Progressing' && desiredWeight >= weight;
    return untilStatus(transport, namespace, 'podinfo', isThere, `at weight ${weight}`, DILUTED_WITHIN_MS);
  }

  async function halted(namespace: string, why: RegExp): Promise<readonly string[]> {
    return eventually(async () => {
      const events = await eventsOf(namespace);
      // With a message of its own: Node looks for the source text of one without, and never ends where tsx has changed it.
      const isThere = events.some((text) => text.startsWith('Halt') && why.test(text));
      assert.ok(isThere, events.join('\n'));
      return events;
    }, DILUTED_WITHIN_MS);
  }
});

/** Does it while the load lasts. */
async function during<T>(load: Load, what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } finally {
    await load.stop();
  }
}

async function eventsWith(namespace: string, last: RegExp): Promise<readonly string[]> {
  return eventually(async () => {
    const events = await eventsOf(namespace);
    assert.ok(
      events.some((text) => last.test(text)),
      events.join('\n'),
    );
    return events;
  });
}

const KINDS = 'deployments,services,virtualservices.networking.istio.io,destinationrules.networking.istio.io';

async function owned(namespace: string): Promise<readonly (Owned & { readonly kind: string })[]> {
  const { items } = await kubectlJson<{ items: (Owned & { kind: string })[] }>('-n', namespace, 'get', KINDS);
  return items;
}

/** Which objects there are. */
async function usersOwn(namespace: string): Promise<readonly string[]> {
  return (await owned(namespace)).map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid}`).toSorted();
}

/** Nothing was made beside what the user made, nothing of it is owned, and its VirtualService says what it said. */
async function assertTheUsersOwn(namespace: string): Promise<void> {
  const objects = await owned(namespace);
  assert.deepEqual(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted(), [
    ...['Deployment podinfo', 'Deployment podinfo-canary'],
    ...['Service podinfo', 'Service podinfo-canary'],
    ...['VirtualService podinfo', 'VirtualService tester'],
  ]);
  assert.deepEqual(
    objects.filter(({ metadata }) => metadata.ownerReferences !== undefined),
    [],
  );
  const { spec } = await kubectlJson<Manifest>('-n', namespace, 'get', 'virtualservice', 'podinfo');
  const [written] = manifestsIn(namespace, FIRST_VIRTUAL_SERVICE);
  assert.deepEqual(withoutZeros(spec['http']), withoutZeros(must(written).spec['http']));
}

/** A weight of 0 is one that an API server may leave out. */
function withoutZeros(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === 'weight' && each === 0 ? undefined : each)));
}

/**
 * The templates as they are but for three things. The Prometheus has another name. Contour's Envoy names a cluster after
 * namespace, Service and port, and its metrics have the namespace of Envoy's pod where Crossover's are those of a sidecar. And
 * both rates are added up: as it is written, the query divides each status by itself and gives 0 % whatever fails.
 */
function onContoursEnvoy(template: Manifest): Manifest {
  const { provider, query } = template.spec as { provider: object; query: string };
  const cluster = 'envoy_cluster_name="{{ namespace }}_{{ target }}-canary_9898"';
  const adapted = query
    .replaceAll(/kubernetes_namespace="\{\{ namespace \}\}",\s*/g, '')
    .replaceAll('envoy_cluster_name="{{ target }}-canary"', cluster)
    .replace(
      /^100 - rate\(([^]*?)\]\)\s*\/\s*rate\(([^]*?)\]\s*\) \* 100/,
      '100 - sum(rate($1])) / sum(rate($2])) * 100',
    );
  const address = 'http://prometheus.monitoring:9090';
  return { ...template, spec: { provider: { ...provider, address }, query: adapted } };
}

function must<T>(value: T | undefined): T {
  assert.notEqual(value, undefined);
  return value as T;
}
