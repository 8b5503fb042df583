// A canary that is deleted: its target serves again, nobody's request fails, and nothing hangs.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import { CANARY_LABEL, FINALIZER } from '../../../api/keys.ts';
import { CANARIES, DEPLOYMENTS, SERVICES } from '../../../api/resources.ts';
import { HTTP_PROXY } from '../../../controller/router/contour.ts';
import { isNotFound } from '../../../kube/errors.ts';
import { collectionPath, objectPath, type Resource } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';
import { scaleDeployment } from '../scale.ts';
import { startLoad } from './load.ts';
import { newConnections } from './new-connections.ts';
import {
  CONTOUR_GATEWAY,
  canaryOf,
  initializedCanary,
  readCanary,
  rootProxy,
  setImage,
  toldInOrder,
  untilPhase,
  untilStatus,
} from './release.ts';

const HTTP_ROUTES: Resource = {
  ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', plural: 'httproutes', namespaced: true },
};
const VIRTUAL_SERVICES: Resource = {
  ...{ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', plural: 'virtualservices', namespaced: true },
};
const ISTIO_GATEWAY = 'http://istio-ingressgateway.istio-system';
const OLD = '6.9.0';
const NEW = '6.9.1';
/** A step that is held for as long as a test takes. */
const HELD = { interval: '1h', threshold: 2, stepWeights: [50], drainSeconds: 5 };
const FIRST = 'scale.test/nothing';
const SECOND = 'scale.test/second';

interface Thing {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly { readonly kind: string }[];
  };
}
interface Service extends Thing {
  readonly spec: { readonly selector: Readonly<Record<string, string>> };
}
interface Deployment extends Thing {
  readonly spec: { readonly replicas: number };
  readonly status: { readonly readyReplicas?: number };
}
interface HttpProxy extends Thing {
  readonly spec: {
    readonly virtualhost?: object;
    readonly routes: readonly { readonly services: readonly { readonly name: string; readonly weight?: number }[] }[];
  };
}

/** A way for clients to come in, and a way to delete a canary. */
interface Variant {
  readonly name: string;
  readonly title: string;
  /** To kubectl delete. */
  readonly more?: readonly string[];
  readonly kind?: Resource;
  readonly through?: string;
  /** What of the way in is the user's own. */
  readonly root?: object;
  readonly provider?: string;
  readonly service?: object;
}

function istioGateway(namespace: string, host: string): object {
  return {
    ...{ apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'public', namespace } },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
    },
  };
}

function objectsOf(server: () => Transport, namespace: string) {
  const read = <T>(resource: Resource, name: string) =>
    server().request<T>({ path: objectPath(resource, { namespace, name }) });
  return {
    read,
    deployment: (name: string) => read<Deployment>(DEPLOYMENTS, name),
    service: (name: string) => read<Service>(SERVICES, name),
    proxy: (name: string) => read<HttpProxy>(HTTP_PROXY, name),
    /** Of these objects, given as `Deployment/podinfo`, those that there are. */
    left: async (...wanted: readonly string[]): Promise<readonly string[]> => {
      const kinds = [CANARIES, DEPLOYMENTS, SERVICES, HTTP_PROXY];
      const found = await Promise.all(
        wanted.map(async (each) => {
          const [kind, name = ''] = each.split('/');
          const resource = kinds.find((one) => one.kind === kind) ?? assert.fail(`no such kind as ${kind}`);
          try {
            await read(resource, name);
            return [each];
          } catch (error) {
            if (isNotFound(error)) return [];
            throw error;
          }
        }),
      );
      return found.flat();
    },
    remove: (name: string, ...more: readonly string[]) =>
      kubectl('-n', namespace, 'delete', 'canary', name, '--timeout=240s', ...more),
  };
}

const routesTo = (proxy: HttpProxy) => proxy.spec.routes.flatMap(({ services }) => services.map(({ name }) => name));
const ownersOf = ({ metadata }: Thing) => metadata.ownerReferences?.map(({ kind }) => kind) ?? [];

describe('a canary that is deleted under load', {
  concurrency: true,
  skip: sandboxOnly('the load reaches the gateway’s Service by its name'),
}, () => {
  const namespace = testNamespace('deletion');
  const { read, deployment, service, proxy, left, remove } = objectsOf(() => server, namespace);
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  /** Clients that call by name and through the gateway, over kept connections and new ones. */
  async function clients(t: TestContext, name: string, through = CONTOUR_GATEWAY) {
    const host = `${name}.${namespace}.test`;
    const [url, gateway] = [`http://${name}.${namespace}:9898/version`, `${through}/version`];
    await eventually(() => Promise.all([getOk(url), getOk(gateway, { host })]));
    const versions = new Set<string>();
    const byGateway = startLoad(gateway, { host, onAnswer: ({ version = '' }) => versions.add(version) });
    const anew = [newConnections(() => getOk(url)), newConnections(() => getOk(gateway, { host }))];
    t.after(() => Promise.all([byGateway, ...anew].map((each) => each.stop())));
    return {
      versions,
      /** Some seconds later, in which pods go. */
      async assertNoneFailed(): Promise<void> {
        await sleep(8000);
        versions.clear();
        await sleep(1000);
        const reports = [await byGateway.stop(), ...(await Promise.all(anew.map((each) => each.stop())))];
        t.diagnostic(`${reports.map(({ requests }) => requests).join(' + ')} requests`);
        for (const { requests, failures } of reports) {
          assert.ok(requests > 10, `only ${requests} requests were sent`);
          assert.deepEqual(failures, []);
        }
      },
    };
  }

  async function initialized(name: string, spec: object = {}, ...more: readonly object[]): Promise<void> {
    const [workload = {}] = podinfo({ name, namespace, version: OLD, replicas: 2 });
    await apply(workload, ...more);
    await rolledOut(namespace, name);
    await apply(canaryOf(namespace, { analysis: HELD, ...spec }, name));
    await untilPhase(server, namespace, name, 'Initialized');
  }

  it('at rest, with revertOnDeletion, gives back the Service and the route that were there before', async (t) => {
    const name = 'rest';
    const fqdn = `${name}.${namespace}.test`;
    const [, itsService = {}] = podinfo({ name, namespace });
    const itsProxy = {
      ...{ apiVersion: HTTP_PROXY.apiVersion, kind: HTTP_PROXY.kind },
      metadata: { name, namespace, labels: { team: 'blue' } },
      spec: { virtualhost: { fqdn }, routes: [{ services: [{ name, port: 9898 }] }] },
    };
    await initialized(name, { revertOnDeletion: true }, itsService, itsProxy);
    assert.deepEqual(
      (await server.request<Thing>({ path: objectPath(CANARIES, { namespace, name }) })).metadata.finalizers,
      [FINALIZER],
    );
    const load = await clients(t, name);
    await remove(name);
    const { spec, status } = await deployment(name);
    assert.deepEqual([spec.replicas, status.readyReplicas], [2, 2]);
    const [its, route] = await Promise.all([service(name), proxy(name)]);
    assert.deepEqual([its.spec.selector, ownersOf(its)], [{ app: name }, []]);
    assert.deepEqual([routesTo(route), ownersOf(route)], [[name], []]);
    assert.deepEqual(route.spec.virtualhost, { fqdn });
    assert.deepEqual(route.metadata.labels, { team: 'blue' });
    assert.deepEqual(
      Object.keys({ ...route.metadata.annotations, ...its.metadata.annotations }).filter((key) =>
        /flagger|toolkit/.test(key),
      ),
      [],
    );
    assert.equal(its.metadata.labels?.[CANARY_LABEL], undefined);
    await eventually(async () =>
      assert.deepEqual(
        await left(`Deployment/${name}-primary`, `Service/${name}-primary`, `Service/${name}-canary`),
        [],
      ),
    );
    await load.assertNoneFailed();
  });

  const hostOf = (name: string) => `${name}.${namespace}.test`;
  const contour = (name: string) => ({ root: rootProxy(namespace, hostOf(name), name) });
  const gatewayRefs = [{ name: 'contour', namespace: 'projectcontour' }];
  for (const { name, title, more = [], kind = HTTP_PROXY, through = CONTOUR_GATEWAY, root, ...spec } of [
    { name: 'run', title: 'in the midst of a run', ...contour('run') },
    {
      ...{ name: 'argo', title: 'in the foreground, as some GitOps tools do', more: ['--cascade=foreground'] },
      ...contour('argo'),
    },
    {
      ...{ name: 'gateway', title: 'with a route of the Gateway API', kind: HTTP_ROUTES, provider: 'gatewayapi:v1' },
      service: { port: 9898, hosts: [hostOf('gateway')], gatewayRefs },
    },
    {
      ...{ name: 'mesh', title: 'with a route of Istio', kind: VIRTUAL_SERVICES, provider: 'istio' },
      ...{ through: ISTIO_GATEWAY, root: istioGateway(namespace, hostOf('mesh')) },
      service: { port: 9898, hosts: [hostOf('mesh')], gateways: ['public', 'mesh'] },
    },
  ] as readonly Variant[]) {
    it(`${title}, leaves what clients call, and says what the target is at`, async (t) => {
      await initialized(name, spec, ...(root === undefined ? [] : [root]));
      const load = await clients(t, name, through);
      await setImage(namespace, NEW, name);
      await untilStatus(server, namespace, name, ({ actualWeight }) => actualWeight === 50, 'at 50 %');
      await remove(name, ...more);
      assert.deepEqual((await service(name)).spec.selector, { app: name });
      const route = await read<Thing & { spec: object }>(kind, name);
      assert.doesNotMatch(JSON.stringify(route.spec), /-primary|-canary/);
      // They were made for the target, and go with it.
      assert.deepEqual([ownersOf(await service(name)), ownersOf(route)], [['Deployment'], ['Deployment']]);
      await eventually(async () =>
        assert.deepEqual(
          await left(`Deployment/${name}-primary`, `Service/${name}-primary`, `Service/${name}-canary`),
          [],
        ),
      );
      await load.assertNoneFailed();
      assert.deepEqual([...load.versions], [NEW]);
      const title_ = `${name}.${namespace}`;
      await eventually(
        async () =>
          await toldInOrder(
            [namespace, name],
            [
              `Canary ${title_} is being deleted: ${title_} gets its pods and its traffic back, at a revision that was never promoted`,
              `Canary ${title_} is gone: ${title_} serves all traffic`,
            ],
          ),
      );
    });
  }

  it('during a promotion gives the traffic to the target, whatever the primary has come to', async (t) => {
    const name = 'promotion';
    await initialized(name, { skipAnalysis: true }, rootProxy(namespace, `${name}.${namespace}.test`, name));
    const load = await clients(t, name);
    // As slow on either side: the primary is not ready when it is over.
    const probe = [
      { op: 'add', path: '/spec/template/spec/containers/0/readinessProbe/initialDelaySeconds', value: 15 },
    ];
    await kubectl('-n', namespace, 'patch', 'deployment', name, '--type=json', '-p', JSON.stringify(probe));
    await untilPhase(server, namespace, name, 'Promoting');
    await remove(name);
    assert.ok(((await deployment(name)).status.readyReplicas ?? 0) > 0, 'the target has no pod');
    await eventually(async () => assert.deepEqual(await left(`Deployment/${name}-primary`), []));
    await load.assertNoneFailed();
  });
});

describe('a canary that is deleted, with pods that are ready at once,', {
  concurrency: true,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const namespace = testNamespace('ends');
  const { deployment, service, left, remove } = objectsOf(() => server, namespace);
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  const initialized = (name: string, spec: object = {}, of = namespace) =>
    initializedCanary(server, of, name, { analysis: { ...HELD, drainSeconds: 1 }, ...spec }, 2);
  const setSecond = (name: string, of = namespace) =>
    kubectl('-n', of, 'set', 'image', `deployment/${name}`, `nothing=${SECOND}`);
  const made = (name: string) => [
    ...[`Deployment/${name}-primary`, `Service/${name}-primary`, `Service/${name}-canary`],
    ...[`Service/${name}`, `HTTPProxy/${name}`],
  ];

  it('while it is suspended gives its target back all the same', async () => {
    const name = 'suspended';
    await initialized(name);
    await kubectl('-n', namespace, 'patch', 'canary', name, '--type=merge', '-p', '{"spec":{"suspend":true}}');
    await untilStatus(server, namespace, name, ({ waitingFor }) => waitingFor?.reason === 'Suspended', 'suspended');
    await remove(name);
    assert.equal((await deployment(name)).spec.replicas, 2);
    await eventually(async () => assert.deepEqual(await left(`Deployment/${name}-primary`), []));
  });

  it('together with its target goes at once, with all that was made for it', async () => {
    const name = 'both';
    await initialized(name);
    await setSecond(name);
    await untilPhase(server, namespace, name, 'Progressing');
    await kubectl('-n', namespace, 'delete', `deployment/${name}`, `canary/${name}`, '--timeout=100s');
    await eventually(async () => assert.deepEqual(await left(...made(name)), []));
  });

  it('with a provider that is not driven leaves the primary in place, and says so', async () => {
    const name = 'elsewhere';
    await initialized(name);
    const provider = JSON.stringify({ spec: { provider: 'osm' } });
    await kubectl('-n', namespace, 'patch', 'canary', name, '--type=merge', '-p', provider);
    await remove(name);
    const { spec, status } = await deployment(name);
    assert.deepEqual([spec.replicas, (status.readyReplicas ?? 0) > 0], [2, true]);
    // Long enough for the garbage collector to have come by.
    await sleep(3000);
    assert.deepEqual(await left(...made(name)), made(name));
    assert.deepEqual(ownersOf(await deployment(`${name}-primary`)), ['Deployment']);
    await eventually(
      async () =>
        await toldInOrder(
          [namespace, name],
          [
            new RegExp(
              `^Canary ${name}\\.${namespace} is gone and ${name}-primary\\.${namespace} stays .* spec.provider: osm is not driven yet`,
            ),
          ],
        ),
    );
  });

  it('whose target does not come up goes when its time is over, and its primary goes on serving', async () => {
    const name = 'broken';
    await initialized(name, { progressDeadlineSeconds: 8 });
    const probe = { exec: { command: ['false'] } };
    const patch = {
      spec: {
        template: { spec: { containers: [{ name: 'nothing', image: 'no.such.test/image', readinessProbe: probe }] } },
      },
    };
    await kubectl('-n', namespace, 'patch', 'deployment', name, '-p', JSON.stringify(patch));
    await remove(name);
    await sleep(3000);
    assert.deepEqual(await left(...made(name)), made(name));
    assert.deepEqual((await service(name)).spec.selector, { app: `${name}-primary` });
    assert.equal((await deployment(`${name}-primary`)).status.readyReplicas, 2);
  });

  it('with its finalizer taken away by hand leaves the primary in place', async () => {
    const name = 'forced';
    await initialized(name);
    await kubectl('-n', namespace, 'patch', 'canary', name, '--type=merge', '-p', '{"spec":{"suspend":true}}');
    await kubectl('-n', namespace, 'patch', 'canary', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
    await remove(name);
    await sleep(3000);
    assert.deepEqual(await left(...made(name)), made(name));
    assert.deepEqual(ownersOf(await deployment(`${name}-primary`)), ['Deployment']);
  });

  it('goes with its namespace, in the midst of a run', async () => {
    const of = `${namespace}-whole`;
    await kubectl('create', 'namespace', of);
    await initialized('podinfo', {}, of);
    await setSecond('podinfo', of);
    await untilPhase(server, of, 'podinfo', 'Progressing');
    await kubectl('delete', 'namespace', of, '--timeout=110s');
    const { items } = await server.request<{ items: readonly unknown[] }>({ path: collectionPath(CANARIES, of) });
    assert.deepEqual(items, []);
  });

  for (const how of ['background', 'foreground']) {
    it(`in its bootstrap, in the ${how}, goes in a moment with all that was made for it`, async () => {
      const name = `young-${how}`;
      const workload = scaleDeployment(namespace, name, 2) as { readonly spec: object };
      // Its pods, and so those of the primary, are not available for longer than the test takes.
      await apply(
        { ...workload, spec: { ...workload.spec, minReadySeconds: 300 } },
        canaryOf(namespace, { analysis: HELD }, name),
      );
      const waits = ({ waitingFor }: CanaryStatus) => waitingFor?.reason === 'PrimaryReady';
      await untilStatus(server, namespace, name, waits, 'waiting for its primary');
      assert.deepEqual(await left(...made(name)), made(name).slice(0, 3));
      await kubectl('-n', namespace, 'delete', 'canary', name, `--cascade=${how}`, '--timeout=20s');
      await eventually(async () => assert.deepEqual(await left(...made(name)), []));
      assert.equal((await deployment(name)).spec.replicas, 2);
    });
  }

  it('and made anew is bootstrapped anew, with what was left for clients', async () => {
    const name = 'again';
    await initialized(name);
    await remove(name);
    await eventually(async () => assert.deepEqual(await left(`Deployment/${name}-primary`), []));
    await initialized(name);
    assert.deepEqual(ownersOf(await service(name)).toSorted(), ['Canary', 'Deployment']);
    assert.deepEqual((await service(name)).spec.selector, { app: `${name}-primary` });
    const { status } = await readCanary(server, namespace, name);
    assert.equal(status?.history, undefined);
    const image = await kubectl(
      '-n',
      namespace,
      'get',
      'deployment',
      name,
      '-o',
      'jsonpath={..containers[0].image} {.spec.replicas}',
    );
    assert.equal(image, `${FIRST} 0`);
  });
});
