// The routes that we generate against the definitions of Contour, Gateway API, Istio and SMI, and against who reads them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Analysis, CanaryService, RequestMatch, TrafficPolicy } from '../../../api/generated/canary.ts';
import { ABILITIES, type Abilities } from '../../../api/provider-abilities.ts';
import { contour } from '../../../controller/router/contour.ts';
import { gatewayApiV1, gatewayApiV1Beta1 } from '../../../controller/router/gateway-api.ts';
import { istio } from '../../../controller/router/istio.ts';
import { routed } from '../../../controller/router/routed-fixture.ts';
import type { Routed, RouteManifest, RouteObject, Router, Traffic } from '../../../controller/router/router.ts';
import { smiV1Alpha1, smiV1Alpha2, smiV1Alpha3 } from '../../../controller/router/smi.ts';
import { applyObject } from '../../../kube/apply.ts';
import { isNotFound } from '../../../kube/errors.ts';
import { objectPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { podinfo, rolledOut } from '../podinfo.ts';

type Service = Partial<CanaryService>;

const FIELD_MANAGER = 'routes-test';
const gatewayRefs = [
  { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'contour', namespace: 'projectcontour' },
];
const texts = { a: { exact: 'x' }, b: { prefix: 'x.' }, c: { regex: 'x+' }, d: {} };
const match: readonly RequestMatch[] = [
  { name: 'all', uri: { prefix: '/api' }, method: { exact: 'GET' }, headers: texts, queryParams: texts },
  { uri: { exact: '/a' }, withoutHeaders: texts, authority: { exact: 'app.test' }, scheme: { exact: 'http' } },
  { uri: { regex: '/b.*' }, ignoreUriCase: true, port: 80, sourceLabels: { app: 'web' }, sourceNamespace: 'web' },
];
const corsPolicy = {
  allowOrigin: ['https://a.test'],
  allowOrigins: [{ exact: 'https://b.test' }, { regex: '.*' }],
  allowMethods: ['GET', 'PUT'],
  allowHeaders: ['x-a'],
  exposeHeaders: ['x-b'],
  allowCredentials: true,
  maxAge: '24h',
};
const policy: Omit<TrafficPolicy, 'portLevelSettings'> = {
  loadBalancer: {
    consistentHash: { httpCookie: { name: 'user', path: '/', ttl: '1h' }, minimumRingSize: 1024 },
    localityLbSetting: { enabled: true, distribute: [{ from: 'a/*', to: { 'a/*': 80, 'b/*': 20 } }] },
    warmupDurationSecs: '30s',
  },
  connectionPool: {
    tcp: { maxConnections: 100, connectTimeout: '5s' },
    http: {
      h2UpgradePolicy: 'UPGRADE',
      http1MaxPendingRequests: 10,
      http2MaxRequests: 10,
      maxRequestsPerConnection: 0,
      maxRetries: 3,
      idleTimeout: '1m30s',
    },
  },
  outlierDetection: {
    consecutiveErrors: 5,
    consecutive5xxErrors: 5,
    consecutiveGatewayErrors: 5,
    consecutiveLocalOriginFailures: 5,
    splitExternalLocalOriginErrors: true,
    interval: '10s',
    baseEjectionTime: '30s',
    maxEjectionPercent: 50,
    minHealthPercent: 10,
  },
  tls: {
    mode: 'MUTUAL',
    clientCertificate: '/c',
    privateKey: '/k',
    caCertificates: '/a',
    subjectAltNames: ['a'],
    sni: 'a',
  },
};
const services: Readonly<Record<string, Service>> = {
  'nothing but a port': {},
  'hosts and gateways': { hosts: ['app.example.com', '*.example.com'], gateways: ['istio-system/public', 'mesh'] },
  'all hosts': { hosts: ['*'], gateways: ['public'] },
  'a delegate': { delegation: true },
  matches: { match },
  'connections in place of requests': { appProtocol: 'tcp', match },
  'more ports': { portDiscovery: true, gateways: ['public', 'mesh'], match },
  timeouts: { timeout: '1.5s', backendTimeout: '500ms' },
  'no timeout': {
    timeout: 'infinity',
    backendTimeout: 'infinity',
    retries: { attempts: 1, perTryTimeout: 'infinity' },
  },
  retries: { retries: { attempts: 3, perTryTimeout: '1m30s', retryOn: '5xx,gateway-error,503' } },
  'no retries': { retries: { attempts: 0 } },
  'retries without a number': { retries: { retryOn: 'connect-failure' } },
  'another path': { rewrite: { uri: '/v2', authority: 'app.test' } },
  'another prefix': {
    rewrite: { uri: '/v2', type: 'ReplacePrefixMatch' },
    match: [{ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } }],
  },
  headers: {
    headers: {
      request: { add: { a: '1' }, set: { b: '2' }, remove: ['c'] },
      response: { add: { a: '1' }, set: { b: '2' }, remove: ['c'] },
    },
  },
  copies: { mirror: [{ backendRef: { group: '', kind: 'Service', name: 'shadow', port: 80 } }] },
  'cross-origin rules': { corsPolicy },
  'a traffic policy': { trafficPolicy: { ...policy, portLevelSettings: [{ ...policy, port: { number: 9898 } }] } },
  'a simple traffic policy': {
    trafficPolicy: { loadBalancer: { simple: 'LEAST_CONN' }, tls: { mode: 'ISTIO_MUTUAL' } },
  },
  metadata: { apex: { labels: { team: 'a' }, annotations: { 'example.com/a': 'b' } } },
};
const routers: Readonly<Record<string, { readonly router: Router; readonly service?: Service }>> = {
  HTTPProxy: { router: contour },
  'HTTPRoute v1': { router: gatewayApiV1, service: { gatewayRefs } },
  'HTTPRoute v1beta1': { router: gatewayApiV1Beta1, service: { gatewayRefs } },
  'VirtualService and DestinationRules': { router: istio },
  'TrafficSplit v1alpha1': { router: smiV1Alpha1 },
  'TrafficSplit v1alpha2': { router: smiV1Alpha2 },
  'TrafficSplit v1alpha3': { router: smiV1Alpha3 },
};

const insiders = [
  { headers: { 'x-user': { suffix: '@example.com' }, 'x-group': { prefix: 'in' } } },
  { queryParams: { beta: { exact: '1' } } },
];

/** Whatever a provider can do besides weights of all requests. */
function splits({ match: canMatch, mirror, cookies }: Abilities): Readonly<Record<string, Traffic>> {
  const affinity = { cookieName: 'side', maxAge: 60, path: '/', secure: true, sameSite: 'None' } as const;
  const primary = { cookie: 'primary=1', seconds: 10 };
  return {
    ...(canMatch && { 'an A/B release': { canaryWeight: 100, matchedOnly: true } }),
    ...(mirror !== 'never' && {
      'copies of all requests': { canaryWeight: 0, mirrorWeight: 100 },
      'copies of some requests': { canaryWeight: 0, mirrorWeight: 30 },
    }),
    ...(cookies && {
      'cookies of both sides': { canaryWeight: 30, stickiness: { affinity, canary: 'side=b', primary } },
      'a cookie that is over': { canaryWeight: 0, stickiness: { affinity, expired: 'side=a' } },
    }),
  };
}

describe('generated routes', { skip: sandboxOnly('they need Contour and Istio') }, () => {
  const namespace = testNamespace('routes');
  let transport: Transport;
  before(async () => {
    transport = await apiServer();
  });
  after(() => transport.close());

  /** The canary in the namespace of the test, with what there is of its routes. */
  function inNamespace(service: Service, objects: ReadonlyMap<string, RouteObject> = new Map()): Routed {
    const { canary, ...rest } = routed(service, (resource, name) => objects.get(`${resource.kind}/${name}`));
    return { ...rest, canary: { ...canary, metadata: { ...canary.metadata, namespace } } };
  }

  const toApply = ({ resource, manifest }: RouteManifest) => ({
    resource,
    manifest: { ...manifest, metadata: { ...manifest.metadata, namespace } },
  });

  async function applyRoutes(manifests: readonly RouteManifest[]): Promise<void> {
    for (const { resource, manifest } of manifests.map(toApply)) {
      await applyObject(manifest, { transport, resource, fieldManager: FIELD_MANAGER });
    }
  }

  /** Nothing dropped, and nothing filled in. */
  async function assertTakenWhole(one: RouteManifest): Promise<void> {
    const { resource, manifest } = toApply(one);
    const answer = await transport.request<{ readonly spec: unknown }>({
      method: 'PATCH',
      path: objectPath(resource, manifest.metadata),
      query: { fieldManager: FIELD_MANAGER, force: true, dryRun: 'All', fieldValidation: 'Strict' },
      contentType: 'application/apply-patch+yaml',
      body: { ...manifest, apiVersion: resource.apiVersion, kind: resource.kind },
    });
    assert.deepEqual(answer.spec, manifest.spec);
  }

  /** What the API server has of the objects that the router makes for this canary. */
  async function stored(router: Router, service: Service): Promise<ReadonlyMap<string, RouteObject>> {
    const objects = new Map<string, RouteObject>();
    for (const { resource, manifest } of router.desired(inNamespace(service), { canaryWeight: 0 })) {
      const { name } = manifest.metadata;
      const path = objectPath(resource, { name, namespace });
      const object = await transport.request<RouteObject>({ path }).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      });
      if (object !== undefined) objects.set(`${resource.kind}/${name}`, object);
    }
    return objects;
  }

  for (const [kind, { router, service }] of Object.entries(routers)) {
    for (const [what, fields] of Object.entries(services)) {
      it(`has ${what} in an ${kind}`, async () => {
        const manifests = router.desired(inNamespace({ ...service, ...fields }), { canaryWeight: 20 });
        for (const one of manifests) await assertTakenWhole(one);
      });
    }
  }

  for (const [kind, { router, service }] of Object.entries(routers)) {
    for (const [what, traffic] of Object.entries(splits(ABILITIES[router.providers[0] ?? 'kubernetes']))) {
      it(`has ${what} in an ${kind}`, async () => {
        const { canary, ...rest } = inNamespace({ ...service, match: [{ uri: { prefix: '/api' } }] });
        const analysis = { interval: '10s', threshold: 1, iterations: 3, match: insiders } as unknown as Analysis;
        const released = { ...rest, canary: { ...canary, spec: { ...canary.spec, analysis } } };
        for (const one of router.desired(released, traffic)) await assertTakenWhole(one);
      });
    }
  }

  describe('of a running podinfo', () => {
    const contourHost = `httpproxy.${namespace}.test`;
    const gatewayHost = `httproute.${namespace}.test`;
    const acceptance = async (router: Router, service: Service) =>
      router.observed(inNamespace(service, await stored(router, service)))?.acceptance;

    before(async () => {
      await apply(
        ...podinfo({ name: 'podinfo-primary', namespace, version: '6.9.1' }),
        ...podinfo({ name: 'podinfo-canary', namespace, version: '6.9.2' }),
      );
      await Promise.all([rolledOut(namespace, 'podinfo-primary'), rolledOut(namespace, 'podinfo-canary')]);
    });

    it('are accepted by Contour as an orphan, then with a root that includes them', async () => {
      const conditions = { method: { exact: 'GET' }, authority: { prefix: 'httpproxy.' } };
      const service: Service = {
        match: [{ ...conditions, queryParams: { user: { prefix: 'a.b' } } }],
        rewrite: { uri: '/version' },
      };
      const accepted = { kind: 'accepted' };
      await applyRoutes(contour.desired(inNamespace(service), { canaryWeight: 100 }));
      await eventually(async () => assert.deepEqual(await acceptance(contour, service), accepted));
      await apply({
        apiVersion: 'projectcontour.io/v1',
        kind: 'HTTPProxy',
        metadata: { name: 'root', namespace },
        spec: { virtualhost: { fqdn: contourHost }, includes: [{ name: 'podinfo', conditions: [{ prefix: '/app' }] }] },
      });
      const get = (user: string) => getOk(`http://envoy.projectcontour/app?user=${user}`, { host: contourHost });
      assert.match(await eventually(() => get('a.b.c')), /6\.9\.2/);
      await assert.rejects(get('axb'));
      assert.deepEqual(await acceptance(contour, service), accepted);
    });

    it('are refused by Contour with its reason', async () => {
      const service: Service = { match: [{ uri: { regex: 'no-slash' } }] };
      await applyRoutes(contour.desired(inNamespace(service), { canaryWeight: 0 }));
      await eventually(async () => {
        const refused = await acceptance(contour, service);
        assert.ok(refused?.kind === 'refused', JSON.stringify(refused));
        assert.match(refused.message, /must start with \//);
      });
      await kubectl('-n', namespace, 'delete', 'httpproxy', '--all');
    });

    it('are accepted by a Gateway, and refused with its reason', async () => {
      const service: Service = { gatewayRefs, hosts: [gatewayHost], timeout: '10s' };
      await applyRoutes(gatewayApiV1.desired(inNamespace(service), { canaryWeight: 100 }));
      await eventually(async () => assert.deepEqual(await acceptance(gatewayApiV1, service), { kind: 'accepted' }));
      const get = () => getOk('http://envoy.projectcontour/version', { host: gatewayHost });
      assert.match(await eventually(get), /6\.9\.2/);
      const unresolved: Service = {
        ...service,
        mirror: [{ backendRef: { group: '', kind: 'Service', name: 'nobody', port: 80 } }],
      };
      await applyRoutes(gatewayApiV1.desired(inNamespace(unresolved), { canaryWeight: 0 }));
      await eventually(async () => {
        const refused = await acceptance(gatewayApiV1, unresolved);
        assert.ok(refused?.kind === 'refused', JSON.stringify(refused));
        assert.match(refused.message, /^contour: .*nobody/);
      });
    });

    it('are served by Istio’s ingress gateway, at the port that is meant', async () => {
      const host = `virtualservice.${namespace}.test`;
      await apply({
        apiVersion: 'networking.istio.io/v1',
        kind: 'Gateway',
        metadata: { name: 'public', namespace },
        spec: {
          selector: { istio: 'ingressgateway' },
          servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
        },
      });
      // A second port, so that it is not the only one that Istio could take.
      for (const name of ['podinfo-primary', 'podinfo-canary']) {
        const ports = [{ name: 'other', port: 9797, targetPort: 9797 }];
        await kubectl('-n', namespace, 'patch', 'service', name, '-p', JSON.stringify({ spec: { ports } }));
      }
      const service: Service = {
        hosts: [host],
        gateways: ['public', 'mesh'],
        portDiscovery: true,
        match: [{ uri: { prefix: '/app' }, queryParams: { user: { regex: '[0-9]+' } } }],
        rewrite: { uri: '/version' },
        timeout: '1m1.5s',
        retries: { retryOn: '5xx,503', perTryTimeout: '20s' },
        trafficPolicy: { loadBalancer: { simple: 'LEAST_REQUEST' }, outlierDetection: { consecutive5xxErrors: 5 } },
      };
      await applyRoutes(istio.desired(inNamespace(service), { canaryWeight: 100 }));
      const get = (user: string) => getOk(`http://istio-ingressgateway.istio-system/app?user=${user}`, { host });
      assert.match(await eventually(() => get('42')), /6\.9\.2/);
      await assert.rejects(get('somebody'));
      await applyRoutes(istio.desired(inNamespace(service), { canaryWeight: 0 }));
      await eventually(async () => assert.match(await get('42'), /6\.9\.1/));
      assert.deepEqual(await acceptance(istio, service), { kind: 'accepted' });
    });
  });
});
