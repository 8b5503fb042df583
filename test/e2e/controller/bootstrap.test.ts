// The first release of all: a primary takes the place of a workload that runs, and nobody notices.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CanaryStatus, Condition } from '../../../api/generated/canary.ts';
import { CANARY_LABEL } from '../../../api/keys.ts';
import { CANARIES, CONTROLLER_REVISIONS, DEPLOYMENTS, SERVICES } from '../../../api/resources.ts';
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
import { CONTOUR_GATEWAY, canaryOf, eventsOf, follow, readCanary, untilPhase, untilStatus } from './release.ts';
import { assertOnlyUnknownClusters } from './unknown-clusters.ts';

const GENERATED = [DEPLOYMENTS, SERVICES, HTTP_PROXY, CONTROLLER_REVISIONS];
const IMAGE = 'scale.test/nothing';
const ONLY_THERE = sandboxOnly('its pods have an image that only the sandbox has');

interface KubeThing {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly controller?: boolean;
    }[];
  };
}
interface Service extends KubeThing {
  readonly spec: {
    readonly type: string;
    readonly clusterIP: string;
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly nodePort?: number }[];
  };
}
interface Deployment extends KubeThing {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: { readonly affinity?: object; readonly topologySpreadConstraints?: readonly object[] };
    };
  };
  readonly status: { readonly readyReplicas?: number };
}
interface HttpProxy extends KubeThing {
  readonly spec: {
    readonly virtualhost?: object;
    readonly routes: readonly { readonly services: readonly { readonly name: string; readonly weight: number }[] }[];
  };
}

/** The objects of a namespace. */
function objectsOf(server: () => Transport, namespace: string) {
  const read = <T>(resource: Resource, name: string) =>
    server().request<T>({ path: objectPath(resource, { namespace, name }) });
  return {
    deployment: (name: string) => read<Deployment>(DEPLOYMENTS, name),
    service: (name: string) => read<Service>(SERVICES, name),
    proxy: (name: string) => read<HttpProxy>(HTTP_PROXY, name),
    isThere: async (resource: Resource, name: string): Promise<boolean> => {
      try {
        await read(resource, name);
        return true;
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    },
    /** Kind and name of all that is made for canaries, but for Deployments and Services that were there before. */
    generated: async (): Promise<readonly string[]> => {
      const query = { labelSelector: CANARY_LABEL };
      const lists = await Promise.all(
        GENERATED.map(async (resource) => {
          const path = collectionPath(resource, namespace);
          const { items } = await server().request<{ items: readonly KubeThing[] }>({ path, query });
          return items.map(({ metadata }) => `${resource.kind}/${metadata.name}`);
        }),
      );
      return lists.flat();
    },
    weights: async (name: string) =>
      (await read<HttpProxy>(HTTP_PROXY, name)).spec.routes.flatMap(({ services }) =>
        services.map((service) => [service.name, service.weight]),
      ),
  };
}

describe('a workload that runs', {
  skip: sandboxOnly('the tests must reach the gateway’s Service by its name'),
}, () => {
  const namespace = testNamespace('bootstrap');
  const { deployment, service, proxy } = objectsOf(() => server, namespace);
  const host = `podinfo.${namespace}.test`;
  let server: Transport;

  before(async () => {
    server = await apiServer();
    const [workload = {}] = podinfo({ name: 'podinfo', namespace, replicas: 2 });
    await apply(workload, usersService(namespace), usersProxy(namespace, host));
    await rolledOut(namespace, 'podinfo');
  });
  after(() => server.close());

  it('gets a primary in its place without one failed request, and keeps what is its user’s', async (t) => {
    const url = `http://podinfo.${namespace}:9898/version`;
    const gateway = `${CONTOUR_GATEWAY}/version`;
    await eventually(() => Promise.all([getOk(url), getOk(gateway, { host })]));
    const [usersOwn, usersRoute] = await Promise.all([service('podinfo'), proxy('podinfo')]);
    const byName = startLoad(url);
    const byGateway = startLoad(gateway, { host });
    const anewByName = newConnections(() => getOk(url));
    const anewByGateway = newConnections(() => getOk(gateway, { host }));
    const order = orderOf(server, namespace);
    t.after(() => Promise.all([byName, byGateway, anewByName, anewByGateway, order].map((each) => each.stop())));

    await apply(canaryOf(namespace));
    const status = await untilPhase(server, namespace, 'podinfo', 'Initialized');
    // The pods of the target take some seconds to go.
    await sleep(7000);
    const kept = [await byName.stop(), await byGateway.stop()] as const;
    const anew = [await anewByName.stop(), await anewByGateway.stop()] as const;
    assertOnlyClosed(kept[0].failures.map(({ what }) => what));
    assert.equal(kept[0].statuses.get(200), kept[0].requests - kept[0].failures.length);
    assert.deepEqual(anew[0].failures, []);
    const lost = [...kept[1].failures.map(({ what }) => what), ...anew[1].failures];
    assertOnlyUnknownClusters(lost);
    const counts = [...kept, ...anew].map(({ requests }) => requests).join(' + ');
    t.diagnostic(`${counts} requests, ${lost.length} met an Envoy that had the route and not yet its clusters`);
    assert.equal(status.actualWeight, 0);
    assert.equal(status.lastPromotedSpec, status.lastAppliedSpec);

    await order.stop();
    const { primary, apexSelects, routed, targetIsEmpty } = order.firsts();
    assert.ok(primary < apexSelects, `primary ${primary}, apex ${apexSelects}`);
    assert.ok(apexSelects < targetIsEmpty, `apex ${apexSelects}, target empty ${targetIsEmpty}`);
    assert.ok(routed < targetIsEmpty, `route ${routed}, target empty ${targetIsEmpty}`);

    const made = await deployment('podinfo-primary');
    assert.equal(made.spec.replicas, 2);
    assert.equal(made.status.readyReplicas, 2);
    assert.equal((await deployment('podinfo')).spec.replicas, 0);
    const [apex, ofPrimary, ofCanary] = await Promise.all([
      service('podinfo'),
      service('podinfo-primary'),
      service('podinfo-canary'),
    ]);
    assert.deepEqual(
      [apex, ofPrimary, ofCanary].map(({ spec }) => spec.selector),
      [{ app: 'podinfo-primary' }, { app: 'podinfo-primary' }, { app: 'podinfo' }],
    );
    for (const { metadata, spec } of [ofPrimary, ofCanary]) {
      const { name, labels } = metadata;
      assert.deepEqual(labels, { app: name, [CANARY_LABEL]: 'podinfo' });
      assert.deepEqual(spec.ports, [{ name: 'http', port: 9898, targetPort: 9898, protocol: 'TCP' }]);
      assertOwned({ metadata });
    }
    assertOwned(made);

    // The user's own: taken over in what is ours, and in nothing else.
    assert.equal(apex.metadata.ownerReferences, undefined);
    assert.equal(apex.metadata.uid, usersOwn.metadata.uid);
    assert.deepEqual(apex.metadata.labels, { app: 'podinfo', team: 'blue', [CANARY_LABEL]: 'podinfo' });
    assert.equal(apex.metadata.annotations?.['note'], 'kept');
    const main = { name: 'http', port: 9898, targetPort: 9898 };
    const ports = usersOwn.spec.ports.map((port) => (port.port === 9898 ? { ...port, ...main } : port));
    assert.deepEqual(apex.spec, { ...usersOwn.spec, ports, selector: { app: 'podinfo-primary' } });

    const route = await proxy('podinfo');
    assert.equal(route.metadata.ownerReferences, undefined);
    assert.equal(route.metadata.uid, usersRoute.metadata.uid);
    assert.deepEqual(route.spec.virtualhost, usersRoute.spec.virtualhost);
    assert.equal(route.metadata.labels?.['team'], 'blue');
    assert.deepEqual(
      route.spec.routes.flatMap(({ services }) => services.map(({ name, weight }) => [name, weight])),
      [
        ['podinfo-primary', 100],
        ['podinfo-canary', 0],
      ],
    );
  });

  it('is left alone then: nothing is written, and nobody goes round in a circle', async () => {
    await sleep(3000);
    const versions = async () => {
      const all = await Promise.all([
        ...[service('podinfo'), service('podinfo-primary'), service('podinfo-canary')],
        ...[proxy('podinfo'), deployment('podinfo'), deployment('podinfo-primary')],
        server.request<KubeThing>({ path: objectPath(CANARIES, { namespace, name: 'podinfo' }) }),
      ]);
      return all.map(({ metadata }) => metadata.resourceVersion);
    };
    const earlier = await versions();
    await sleep(3000);
    assert.deepEqual(await versions(), earlier);
  });
});

describe('what is made for a target', { concurrency: true, skip: ONLY_THERE }, () => {
  const namespace = testNamespace('shapes');
  const { deployment, service, proxy } = objectsOf(() => server, namespace);
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  async function released(target: object, spec: object = {}): Promise<string> {
    const { name } = (target as KubeThing).metadata;
    await apply(target, canaryOf(namespace, spec, name));
    await untilPhase(server, namespace, name, 'Initialized');
    return name;
  }

  it('has a port for each of its container ports, where asked for', async () => {
    const ports = [
      { name: 'web', containerPort: 8080 },
      { containerPort: 9797 },
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
    ];
    const target = shaped(namespace, 'ports', { container: { ports } });
    const name = await released(target, { service: { port: 80, targetPort: 'web', portDiscovery: true } });
    for (const each of [name, `${name}-primary`, `${name}-canary`]) {
      assert.deepEqual((await service(each)).spec.ports, [
        { name: 'http', port: 80, targetPort: 'web', protocol: 'TCP' },
        { name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' },
        { name: 'tcp-nothing', port: 9797, targetPort: 9797, protocol: 'TCP' },
      ]);
    }
  });

  for (const label of ['app.kubernetes.io/name', 'name']) {
    it(`is told apart by ${label}, where that is what the target selects by`, async () => {
      const suffix = label === 'name' ? 'plain' : 'long';
      const labels = { [label]: `by-${suffix}`, tier: 'web' };
      const name = await released(shaped(namespace, `by-${suffix}`, { labels }));
      const primary = await deployment(`${name}-primary`);
      assert.deepEqual(primary.spec.selector.matchLabels, { [label]: `${name}-primary` });
      assert.deepEqual(primary.spec.template.metadata.labels, { [label]: `${name}-primary`, tier: 'web' });
      assert.deepEqual((await service(name)).spec.selector, { [label]: `${name}-primary` });
      assert.deepEqual((await service(`${name}-canary`)).spec.selector, { [label]: name });
    });
  }

  it('keeps its pods apart as the target does, and has none of its labels', async () => {
    const name = 'apart';
    const topologyKey = 'kubernetes.io/hostname';
    const labelSelector = { matchLabels: { app: name } };
    const spread = { maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector };
    // With one node, a primary that kept away from the target's pods would never be scheduled.
    const pods = {
      affinity: {
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector }] },
      },
      topologySpreadConstraints: [spread],
    };
    await released(shaped(namespace, name, { pods, replicas: 1, metadata: { labels: { app: name, team: 'blue' } } }));
    const { metadata, spec } = await deployment(`${name}-primary`);
    const primarys = { matchLabels: { app: `${name}-primary` } };
    assert.deepEqual(spec.template.spec.affinity, {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: primarys }] },
    });
    assert.deepEqual(spec.template.spec.topologySpreadConstraints, [{ ...spread, labelSelector: primarys }]);
    assert.deepEqual(metadata.labels, { app: `${name}-primary`, [CANARY_LABEL]: name });
  });

  it('has the metadata that the canary gives it, less what is said to be somebody else’s', async () => {
    const name = 'metadata';
    const service_ = {
      port: 9898,
      apex: { labels: { side: 'apex' }, annotations: { note: 'apex', theirs: 'ours' } },
      primary: { labels: { side: 'primary' } },
      canary: { annotations: { note: 'canary' } },
      unmanagedMetadata: { annotations: ['theirs'] },
    };
    await released(shaped(namespace, name), { service: service_ });
    const label = { [CANARY_LABEL]: name };
    const [apex, primary, canary] = await Promise.all([
      service(name),
      service(`${name}-primary`),
      service(`${name}-canary`),
    ]);
    assert.deepEqual(apex.metadata.labels, { app: name, side: 'apex', ...label });
    assert.deepEqual(primary.metadata.labels, { app: `${name}-primary`, side: 'primary', ...label });
    assert.deepEqual(canary.metadata.labels, { app: `${name}-canary`, ...label });
    assert.equal(apex.metadata.annotations?.['note'], 'apex');
    assert.equal(apex.metadata.annotations?.['theirs'], undefined);
    assert.equal(canary.metadata.annotations?.['note'], 'canary');
    const route = await proxy(name);
    assert.equal(route.metadata.labels?.['side'], 'apex');
    assert.equal(route.metadata.annotations?.['theirs'], undefined);

    await kubectl('-n', namespace, 'annotate', `service/${name}`, 'theirs=theirs');
    await sleep(2000);
    assert.equal((await service(name)).metadata.annotations?.['theirs'], 'theirs');
  });
});

describe('a canary that cannot be carried out', { concurrency: true, skip: ONLY_THERE }, () => {
  const namespace = testNamespace('refused');
  const { isThere, generated } = objectsOf(() => server, namespace);
  let server: Transport;
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  async function untilNotReady(name: string, reason: string): Promise<Condition> {
    const isWanted = (condition: Condition) =>
      condition.type === 'Ready' && condition.status === 'False' && condition.reason === reason;
    const { conditions = [] } = await untilStatus(
      ...([server, namespace, name] as const),
      ({ conditions: there = [] }) => there.some(isWanted),
      `not Ready for ${reason}`,
    );
    return conditions.find(isWanted) ?? assert.fail('the condition has gone');
  }

  async function assertNothingIsMade(name: string): Promise<void> {
    await sleep(1000);
    assert.deepEqual(
      (await generated()).filter((each) => each.split('/')[1]?.startsWith(name)),
      [],
    );
  }

  it('says that the target has no label that tells its pods, and makes nothing', async () => {
    const name = 'unlabelled';
    await apply(shaped(namespace, name, { labels: { component: name } }), canaryOf(namespace, {}, name));
    const { message } = await untilNotReady(name, 'UnusableSelector');
    assert.match(
      message ?? '',
      /^spec\.targetRef: the selector of Deployment unlabelled has none of the labels app, name/,
    );
    await eventually(async () => assert.match((await eventsOf(namespace, name)).join('\n'), /has none of the labels/));
    const warnings = await kubectl(
      ...['-n', namespace, 'get', 'events.v1.events.k8s.io', '-o', 'jsonpath={.items[*].regarding.name}'],
      '--field-selector=type=Warning',
    );
    assert.ok(warnings.split(' ').includes(name), `warnings are about ${warnings}`);
    await assertNothingIsMade(name);
  });

  it('says that there is no target, and goes on by itself when there is', async () => {
    const name = 'late';
    await apply(canaryOf(namespace, {}, name));
    const { message } = await untilNotReady(name, 'TargetMissing');
    assert.equal(message, 'there is no Deployment late');
    await apply(shaped(namespace, name));
    const { conditions = [] } = await untilPhase(server, namespace, name, 'Initialized');
    assert.equal(conditions.find(({ type }) => type === 'Ready')?.status, 'True');
    assert.equal(await isThere(DEPLOYMENTS, `${name}-primary`), true);
  });

  it('says that its provider is not driven yet, and makes nothing', async () => {
    const name = 'on-nginx';
    const ingressRef = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name };
    await apply(shaped(namespace, name), canaryOf(namespace, { provider: 'nginx', ingressRef }, name));
    const { message } = await untilNotReady(name, 'NotSupported');
    assert.equal(message, 'spec.provider: nginx is not driven yet');
    await assertNothingIsMade(name);
  });

  it('says that its target is of a kind that is not released yet, and makes nothing', async () => {
    const name = 'on-every-node';
    const targetRef = { apiVersion: 'apps/v1', kind: 'DaemonSet', name };
    await apply(canaryOf(namespace, { targetRef }, name));
    const { message } = await untilNotReady(name, 'NotSupported');
    assert.equal(message, 'spec.targetRef.kind: DaemonSet is not released yet, only Deployment is');
    await assertNothingIsMade(name);
  });
});

describe('at rest', { concurrency: true, skip: ONLY_THERE }, () => {
  const namespace = testNamespace('rest');
  const { deployment, service, weights, isThere, generated } = objectsOf(() => server, namespace);
  const names = ['deleted', 'edited', 'bereft', 'gone', 'foreign'];
  let server: Transport;

  before(async () => {
    server = await apiServer();
    const [, itsService = {}] = podinfo({ name: 'gone', namespace });
    await apply(...names.map((name) => shaped(namespace, name)), itsService);
    await apply(...names.map((name) => canaryOf(namespace, {}, name)));
    for (const name of names) await untilPhase(server, namespace, name, 'Initialized');
  });
  after(() => server.close());

  it('a Service or route that is deleted comes back', async () => {
    const name = 'deleted';
    const all = [name, `${name}-primary`, `${name}-canary`];
    const selectors = () => Promise.all(all.map(async (each) => (await service(each)).spec.selector));
    const [selected, split] = [await selectors(), await weights(name)];
    await kubectl('-n', namespace, 'delete', 'service', ...all, '--wait=false');
    await kubectl('-n', namespace, 'delete', 'httpproxy', name, '--wait=false');
    await eventually(async () => {
      assert.deepEqual(await selectors(), selected);
      assert.deepEqual(await weights(name), split);
    });
  });

  it('a route’s weights and a Service’s selector that are edited are set right', async () => {
    const name = 'edited';
    const split = await weights(name);
    const path = '/spec/routes/0/services';
    const swapped = [
      { op: 'replace', path: `${path}/0/weight`, value: 30 },
      { op: 'replace', path: `${path}/1/weight`, value: 70 },
    ];
    await kubectl('-n', namespace, 'patch', 'httpproxy', name, '--type=json', '-p', JSON.stringify(swapped));
    const selector = [{ op: 'replace', path: '/spec/selector', value: { app: name } }];
    await kubectl('-n', namespace, 'patch', 'service', name, '--type=json', '-p', JSON.stringify(selector));
    await eventually(async () => {
      assert.deepEqual(await weights(name), split);
      assert.deepEqual((await service(name)).spec.selector, { app: `${name}-primary` });
    });
  });

  it('a primary that is deleted is made anew', async () => {
    const name = 'bereft';
    const { metadata } = await deployment(`${name}-primary`);
    const { status } = await readCanary(server, namespace, name);
    await kubectl('-n', namespace, 'delete', 'deployment', `${name}-primary`, '--wait=false');
    await eventually(async () => {
      const again = await deployment(`${name}-primary`);
      assert.notEqual(again.metadata.uid, metadata.uid);
      assert.ok((again.status.readyReplicas ?? 0) > 0, 'it has no ready pod');
    });
    const later = await untilPhase(server, namespace, name, 'Initialized');
    assert.equal(later.lastPromotedSpec, status?.lastPromotedSpec);
    assert.equal((await deployment(name)).spec.replicas, 0);
  });

  it('a canary that Flagger has released is taken over with what its primary runs, and releases nothing', async () => {
    const name = 'foreign';
    const { status: ours } = await readCanary(server, namespace, name);
    const annotation = [{ op: 'remove', path: '/metadata/annotations/flagger.app~1revision' }];
    await kubectl(
      '-n',
      namespace,
      'patch',
      'deployment',
      `${name}-primary`,
      '--type=json',
      '-p',
      JSON.stringify(annotation),
    );
    const status = { phase: 'Succeeded', lastAppliedSpec: '5978589476', lastPromotedSpec: '5978589476' };
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
    await kubectl('-n', namespace, 'patch', 'canary', name, ...patch);
    const isTakenOver = ({ phase, lastPromotedSpec }: CanaryStatus) =>
      phase === 'Initialized' && lastPromotedSpec === ours?.lastPromotedSpec;
    const taken = await untilStatus(server, namespace, name, isTakenOver, 'taken over');
    assert.deepEqual([taken.history ?? [], taken.desiredWeight], [[], 0]);
    assert.equal((await deployment(name)).spec.replicas, 0);
  });

  it('a canary that is deleted takes with it what was made for it, and nothing that was there before', async () => {
    const name = 'gone';
    await kubectl('-n', namespace, 'delete', 'canary', name, '--timeout=90s');
    await eventually(async () => {
      const left = (await generated()).filter((each) => /\/gone/.test(each));
      assert.deepEqual(left, []);
    });
    assert.equal((await deployment(name)).spec.replicas, 2);
    assert.equal(await isThere(DEPLOYMENTS, `${name}-primary`), false);
    assert.deepEqual((await service(name)).spec.selector, { app: name });
  });
});

function usersService(namespace: string): object {
  const ports = [
    { name: 'http', port: 9898, targetPort: 'http' },
    { name: 'metrics', port: 9797, targetPort: 'http-metrics' },
  ];
  return {
    ...{ apiVersion: 'v1', kind: 'Service' },
    metadata: { name: 'podinfo', namespace, labels: { app: 'podinfo', team: 'blue' }, annotations: { note: 'kept' } },
    spec: { type: 'NodePort', selector: { app: 'podinfo' }, ports },
  };
}

function usersProxy(namespace: string, fqdn: string): object {
  return {
    ...{ apiVersion: HTTP_PROXY.apiVersion, kind: HTTP_PROXY.kind },
    metadata: { name: 'podinfo', namespace, labels: { team: 'blue' } },
    spec: { virtualhost: { fqdn }, routes: [{ services: [{ name: 'podinfo', port: 9898 }] }] },
  };
}

interface Shape {
  readonly labels?: Readonly<Record<string, string>>;
  readonly metadata?: object;
  readonly replicas?: number;
  /** Fields of the pod spec, and of its container. */
  readonly pods?: object;
  readonly container?: object;
}

/** A Deployment of pods without a process. */
function shaped(namespace: string, name: string, shape: Shape = {}): object {
  const { labels = { app: name }, metadata = {}, replicas = 2, pods = {}, container = {} } = shape;
  const manifest = scaleDeployment(namespace, name, replicas) as { metadata: object; spec: object };
  const spec = { ...pods, containers: [{ name: 'nothing', image: IMAGE, ...container }] };
  return {
    ...manifest,
    metadata: { ...manifest.metadata, ...metadata },
    spec: { ...manifest.spec, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

function assertOwned({ metadata }: Pick<KubeThing, 'metadata'>): void {
  const owners = metadata.ownerReferences?.map(({ kind, name, controller }) => [kind, name, controller === true]);
  assert.deepEqual(
    owners?.toSorted(),
    [
      ['Canary', 'podinfo', true],
      ['Deployment', 'podinfo', false],
    ],
    metadata.name,
  );
}

/**
 * A pod that ends closes its idle connections, and once in a while a request is on its way on one. Clients ask again then,
 * which the load does not.
 */
function assertOnlyClosed(failures: readonly string[]): void {
  assert.deepEqual(
    failures.filter((what) => !/socket hang up|ECONNRESET/.test(what)),
    [],
  );
  // As many pods have ended.
  assert.ok(failures.length <= 2, `${failures.length} requests failed`);
}

/** By their resourceVersions, which count all writes of a cluster: when each thing was first so. */
function orderOf(server: Transport, namespace: string) {
  const over = new AbortController();
  const firsts = new Map<string, bigint>();
  const first = (what: string, is: boolean, { metadata }: KubeThing) => {
    if (is && !firsts.has(what)) firsts.set(what, BigInt(metadata.resourceVersion));
  };
  const path = (resource: Resource) => collectionPath(resource, namespace);
  const { signal } = over;
  const followed = Promise.all([
    follow<Deployment>(server, path(DEPLOYMENTS), signal, (each) => {
      const { spec, status, metadata } = each;
      first('primary', metadata.name === 'podinfo-primary' && status.readyReplicas === spec.replicas, each);
      first('targetIsEmpty', metadata.name === 'podinfo' && spec.replicas === 0, each);
    }),
    follow<Service>(server, path(SERVICES), signal, (each) => {
      first('apexSelects', each.metadata.name === 'podinfo' && each.spec.selector['app'] === 'podinfo-primary', each);
    }),
    follow<HttpProxy>(server, path(HTTP_PROXY), signal, (each) => {
      const names = each.spec.routes.flatMap(({ services }) => services.map(({ name }) => name));
      first('routed', names.includes('podinfo-primary'), each);
    }),
  ]);
  return {
    async stop() {
      over.abort();
      await followed;
    },
    firsts() {
      const when = (what: string) => firsts.get(what) ?? assert.fail(`${what} was never seen`);
      return {
        primary: when('primary'),
        apexSelects: when('apexSelects'),
        routed: when('routed'),
        targetIsEmpty: when('targetIsEmpty'),
      };
    },
  };
}
