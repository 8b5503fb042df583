// Blue/green, A/B, copies of requests and session affinity, by each gateway that can do them.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { get, getOk } from '../http.ts';
import { apply } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';
import { startLoad } from './load.ts';
import { CONTOUR_GATEWAY, canaryOf, rootProxy, setImage, toldInOrder, untilPhase, untilStatus } from './release.ts';

const [OLD, NEW] = ['6.9.0', '6.9.1'] as const;
const ISTIO_GATEWAY = 'http://istio-ingressgateway.istio-system';
/** Long enough to look at what is served meanwhile, on a busy machine too. */
const ANALYSIS = { interval: '20s', threshold: 5, drainSeconds: 5 };
const INSIDER = { 'x-user': 'insider' };

interface Gateway {
  readonly url: string;
  /** What a canary of it has, and what is applied beside it. */
  readonly spec: (host: string) => object;
  readonly beside: (namespace: string, host: string, name: string) => readonly object[];
}

const GATEWAYS: Readonly<Record<string, Gateway>> = {
  contour: {
    url: CONTOUR_GATEWAY,
    spec: () => ({ provider: 'contour', service: { port: 9898 } }),
    beside: (namespace, host, name) => [rootProxy(namespace, host, name)],
  },
  'gatewayapi:v1': {
    url: CONTOUR_GATEWAY,
    spec: (host) => ({
      provider: 'gatewayapi:v1',
      service: { port: 9898, hosts: [host], gatewayRefs: [{ name: 'contour', namespace: 'projectcontour' }] },
    }),
    beside: () => [],
  },
  istio: {
    url: ISTIO_GATEWAY,
    spec: (host) => ({ provider: 'istio', service: { port: 9898, hosts: [host], gateways: ['public', 'mesh'] } }),
    beside: () => [],
  },
};

describe('a release', {
  concurrency: 4,
  skip: sandboxOnly('the tests reach the gateways’ Services by their names'),
}, () => {
  const namespace = testNamespace('strategies');
  let transport: Transport;
  before(async () => {
    transport = await apiServer();
    const servers = [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [`*.${namespace}.test`] }];
    await apply({
      ...{ apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'public', namespace } },
      spec: { selector: { istio: 'ingressgateway' }, servers },
    });
  });
  after(() => transport.close());

  /** Podinfo and its canary, initialized; how to ask for its version. */
  async function released(provider: string, name: string, analysis: object) {
    const { url, spec, beside } = GATEWAYS[provider] ?? assert.fail(provider);
    const host = `${name}.${namespace}.test`;
    await apply(...podinfo({ name, namespace, version: OLD }), ...beside(namespace, host, name));
    await rolledOut(namespace, name);
    await apply(canaryOf(namespace, { ...spec(host), analysis: { ...ANALYSIS, ...analysis } }, name));
    await untilPhase(transport, namespace, name, 'Initialized');
    const gateway = `${url}/version`;
    await eventually(() => getOk(gateway, { host }));
    const version = async (headers: Readonly<Record<string, string>> = {}) => {
      const { version: served } = JSON.parse(await getOk(gateway, { host, ...headers })) as { version: string };
      return served;
    };
    return { host, gateway, version };
  }
  const until = (name: string, isWanted: (status: CanaryStatus) => boolean, what: string) =>
    untilStatus(transport, namespace, name, isWanted, what);
  const succeeded = async (name: string) => {
    const status = await untilPhase(transport, namespace, name, 'Succeeded', 'Failed');
    assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
  };

  for (const provider of Object.keys(GATEWAYS)) {
    const suffix = provider.replace(/:.*/, '');

    it(`by ${provider} for some users (A/B) gives them the canary, and nobody else`, async (t: TestContext) => {
      const name = `ab-${suffix}`;
      const match = [
        { headers: { 'x-user': { exact: 'insider' } } },
        { headers: { cookie: { regex: '^(.*?; )?(type=insider)(;.*)?$' } } },
      ];
      const { host, gateway, version } = await released(provider, name, { iterations: 2, match });
      const load = startLoad(gateway, { host });
      t.after(() => load.stop());
      await setImage(namespace, NEW, name);
      await until(
        name,
        ({ matchedOnly, actualWeight }) => matchedOnly === true && actualWeight === 100,
        'at its users',
      );
      await eventually(async () => assert.equal(await version(INSIDER), NEW));
      for (let request = 0; request < 10; request++) {
        assert.equal(await version(INSIDER), NEW);
        assert.equal(await version({ cookie: 'a=b; type=insider; c=d' }), NEW);
        assert.equal(await version({ 'x-user': 'outsider' }), OLD);
        assert.equal(await version(), OLD);
      }
      const meanwhile = await until(name, ({ step = 0 }) => step > 0, 'still at its users');
      assert.equal(meanwhile.phase, 'Progressing', 'the release went on before everybody had been asked');
      await succeeded(name);
      await eventually(async () => assert.equal(await version(), NEW));
      const { failures, requests } = await load.stop();
      assert.deepEqual(failures, []);
      t.diagnostic(`none of ${requests} requests of others failed`);
      const title = `${name}.${namespace}`;
      await toldInOrder(
        [namespace, name],
        [
          `Advance ${title} canary iteration 1/2`,
          `Advance ${title} canary iteration 2/2`,
          `Copying ${title} template spec to ${name}-primary.${namespace}`,
        ],
      );
    });

    it(`by ${provider} by iterations (blue/green) has no users before the switch, and then all`, async (t: TestContext) => {
      const name = `bg-${suffix}`;
      const mirror = provider !== 'contour';
      const { host, gateway } = await released(provider, name, { iterations: 2, ...(mirror && { mirror }) });
      const load = startLoad(gateway, { host });
      t.after(() => load.stop());
      await setImage(namespace, NEW, name);
      await until(name, ({ step = 0 }) => step === 2, 'at the second check');
      const blue = load.take();
      assert.deepEqual([...blue.versions.keys()], [OLD]);
      if (mirror) {
        const metrics = await eventually(() => getOk(`http://${name}-canary.${namespace}:9898/metrics`));
        const copies = /^http_requests_total\{status="200"\} (\d+)$/m.exec(metrics)?.[1];
        assert.ok(Number(copies) > 20, `the canary got ${copies} copies of ${blue.requests} requests`);
        t.diagnostic(`the canary got ${copies} copies of ${blue.requests} requests`);
      }
      await until(name, ({ actualWeight }) => actualWeight === 100, 'at the switch');
      await eventually(async () => {
        load.take();
        await new Promise((resolve) => setTimeout(resolve, 1000));
        assert.deepEqual([...load.take().versions.keys()], [NEW]);
      });
      await succeeded(name);
      const { failures } = await load.stop();
      assert.deepEqual([...blue.failures, ...failures], []);
      const title = `${name}.${namespace}`;
      await toldInOrder(
        [namespace, name],
        [
          ...(mirror ? [`Start traffic mirroring to ${title}`] : []),
          `Advance ${title} canary iteration 2/2`,
          ...(mirror ? [`Stop traffic mirroring to ${title}`] : []),
          `Routing all traffic to canary ${title}`,
          `Copying ${title} template spec to ${name}-primary.${namespace}`,
          'Routing all traffic to primary',
        ],
      );
    });
  }

  for (const provider of ['gatewayapi:v1', 'istio']) {
    const suffix = provider.replace(/:.*/, '');

    it(`by ${provider} with session affinity keeps who has met a side on it, and forgets them afterwards`, async () => {
      const name = `sticky-${suffix}`;
      const sessionAffinity = { cookieName: 'side', primaryCookieName: 'home', maxAge: 600, path: '/' };
      const { host, gateway, version } = await released(provider, name, { stepWeights: [50], sessionAffinity });
      await setImage(namespace, NEW, name);
      const { sessionAffinityCookie = '' } = await until(
        name,
        ({ actualWeight }) => actualWeight === 50,
        'at weight 50',
      );
      const met = new Map<string, string>();
      await eventually(async () => {
        const { body, headers } = await get(gateway, { host });
        const { version: served } = JSON.parse(body) as { version: string };
        for (const cookie of headers['set-cookie'] ?? []) met.set(served, cookie);
        assert.deepEqual([...met.keys()].toSorted(), [OLD, NEW]);
      });
      assert.equal(met.get(NEW), `${sessionAffinityCookie}; Max-Age=600; Path=/`);
      assert.match(met.get(OLD) ?? '', /^home=[0-9a-f]+; Max-Age=20; Path=\/$/);
      const holding = (side: string) => ({ cookie: `a=b; ${met.get(side)?.split(';')[0]}` });
      for (let request = 0; request < 10; request++) {
        assert.equal(await version(holding(NEW)), NEW);
        assert.equal(await version(holding(OLD)), OLD);
      }
      const { phase } = await until(name, () => true, 'there');
      assert.equal(phase, 'Progressing', 'the release went on before everybody had been asked');
      await succeeded(name);
      await eventually(async () => {
        const { headers } = await get(gateway, { host, ...holding(NEW) });
        assert.deepEqual(headers['set-cookie'], [`${sessionAffinityCookie}; Max-Age=-1; Path=/`]);
      });
      const { headers } = await get(gateway, { host });
      assert.equal(headers['set-cookie'], undefined);
    });
  }
});
