import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanaryService } from '../../api/generated/canary.ts';
import { istio } from './istio.ts';
import { routed, specOf, stored, withExisting } from './routed-fixture.ts';

interface VirtualService {
  readonly hosts?: readonly string[];
  readonly gateways?: readonly string[];
  readonly http?: readonly Record<string, unknown>[];
  readonly tcp?: readonly Record<string, unknown>[];
}

const desired = (service: Partial<CanaryService>) => istio.desired(routed(service), { canaryWeight: 20 });
const virtualServiceOf = (service: Partial<CanaryService>) =>
  specOf<VirtualService>(desired(service), 'VirtualService');
const settingsOf = (service: Partial<CanaryService>) => {
  const { route: _, ...rest } = virtualServiceOf(service).http?.[0] ?? {};
  return rest;
};
const route = (port?: number) =>
  [
    { host: 'podinfo-primary', weight: 80 },
    { host: 'podinfo-canary', weight: 20 },
  ].map(({ host, weight }) => ({
    destination: { host, ...(port === undefined ? {} : { port: { number: port } }) },
    weight,
  }));

describe('a VirtualService', () => {
  it('is for the Service inside the mesh, where nothing else is said', () => {
    assert.deepEqual(virtualServiceOf({}), { hosts: ['podinfo'], gateways: ['mesh'], http: [{ route: route() }] });
  });

  it('has the hosts and gateways, with the Service among them once', () => {
    const gateways = ['istio-system/public', 'mesh'];
    const { hosts, ...rest } = virtualServiceOf({ gateways, hosts: ['app.example.com'] });
    assert.deepEqual(hosts, ['app.example.com', 'podinfo']);
    assert.deepEqual(rest, { gateways, http: [{ route: route() }] });
    for (const host of ['podinfo', 'podinfo.test.svc.cluster.local']) {
      assert.deepEqual(virtualServiceOf({ hosts: [host] }).hosts, [host]);
    }
  });

  it('has neither when it is delegated to', () => {
    assert.deepEqual(virtualServiceOf({ delegation: true }), { http: [{ route: route() }] });
  });

  it('routes connections when the protocol is tcp', () => {
    assert.deepEqual(virtualServiceOf({ appProtocol: 'TCP', timeout: '5s' }), {
      hosts: ['podinfo'],
      gateways: ['mesh'],
      tcp: [{ route: route() }],
    });
    const match = [{ uri: { prefix: '/' }, port: 5432, sourceLabels: { app: 'web' } }];
    const { tcp } = virtualServiceOf({ appProtocol: 'tcp', match });
    assert.deepEqual(tcp, [{ match: [{ port: 5432, sourceLabels: { app: 'web' } }], route: route() }]);
    const open = virtualServiceOf({ appProtocol: 'tcp', match: [...match, { uri: { prefix: '/' } }] });
    assert.deepEqual(open.tcp, [{ route: route() }]);
  });

  it('names the port for requests from a gateway, when there are several', () => {
    const some = (service: Partial<CanaryService>) => virtualServiceOf({ portDiscovery: true, ...service }).http;
    assert.deepEqual(some({}), [{ route: route() }]);
    assert.deepEqual(some({ gateways: ['public'] }), [{ route: route(9898) }]);
    assert.deepEqual(some({ delegation: true }), [{ route: route(9898) }]);
    const gateways = ['public', 'mesh'];
    assert.deepEqual(some({ gateways }), [
      { match: [{ gateways: ['public'] }], route: route(9898) },
      { match: [{ gateways: ['mesh'] }], route: route() },
    ]);
    const uri = { prefix: '/' };
    assert.deepEqual(some({ gateways, match: [{ uri }, { gateways: ['mesh'] }] }), [
      { match: [{ uri, gateways: ['public'] }], route: route(9898) },
      { match: [{ uri, gateways: ['mesh'] }, { gateways: ['mesh'] }], route: route() },
    ]);
    const mesh = [{ gateways: ['mesh'] }];
    assert.deepEqual(some({ gateways, match: mesh }), [{ match: mesh, route: route() }]);
    const other = [{ gateways: ['other'] }];
    assert.deepEqual(some({ gateways, match: other }), [{ match: other, route: route() }]);
  });

  it('has matches and headers as they are', () => {
    const match = [{ uri: { prefix: '/api' }, ignoreUriCase: true, withoutHeaders: { a: {} } }];
    const headers = { request: { add: { a: '1' } }, response: { remove: ['b'] } };
    assert.deepEqual(settingsOf({ match, headers }), { match, headers });
  });

  it('rewrites, with no word for how', () => {
    assert.deepEqual(settingsOf({ rewrite: { uri: '/v2', authority: 'app.test', type: 'ReplaceFullPath' } }), {
      rewrite: { uri: '/v2', authority: 'app.test' },
    });
    assert.deepEqual(settingsOf({ rewrite: { uri: '' } }), {});
  });

  it('has the timeout, unless there is none', () => {
    assert.deepEqual(settingsOf({ timeout: '1m30s' }), { timeout: '1m30s' });
    for (const timeout of ['infinity', '0s', '1us']) assert.deepEqual(settingsOf({ timeout }), {});
  });

  it('has retries that Istio takes', () => {
    const retries = { attempts: 3, perTryTimeout: '1s', retryOn: '5xx' };
    assert.deepEqual(settingsOf({ retries }), { retries });
    assert.deepEqual(settingsOf({ retries: { ...retries, attempts: 0 } }), { retries: { attempts: 0 } });
    assert.deepEqual(settingsOf({ retries: { retryOn: '5xx', perTryTimeout: 'infinity' } }), {
      retries: { attempts: 2, retryOn: '5xx' },
    });
  });

  it('has all origins in one list', () => {
    const corsPolicy = {
      allowOrigin: ['https://a.test'],
      allowOrigins: [{ regex: '.*' }],
      allowMethods: ['GET'],
      maxAge: '24h',
    };
    assert.deepEqual(settingsOf({ corsPolicy }), {
      corsPolicy: {
        allowOrigins: [{ exact: 'https://a.test' }, { regex: '.*' }],
        allowMethods: ['GET'],
        maxAge: '24h',
      },
    });
    assert.deepEqual(settingsOf({ corsPolicy: { allowMethods: ['GET'] } }), { corsPolicy: { allowMethods: ['GET'] } });
  });
});

describe('the DestinationRules', () => {
  it('are of primary and canary, with the traffic policy', () => {
    const trafficPolicy = { tls: { mode: 'ISTIO_MUTUAL' } } as const;
    const rules = (service: Partial<CanaryService>) =>
      desired(service)
        .filter(({ resource }) => resource.kind === 'DestinationRule')
        .map(({ manifest }) => ({ name: manifest.metadata.name, ...manifest.spec }));
    assert.deepEqual(rules({ trafficPolicy }), [
      { name: 'podinfo-primary', host: 'podinfo-primary', trafficPolicy },
      { name: 'podinfo-canary', host: 'podinfo-canary', trafficPolicy },
    ]);
    assert.deepEqual(rules({})[0], { name: 'podinfo-primary', host: 'podinfo-primary' });
  });

  it('are missed', () => {
    const manifests = desired({});
    const without = manifests.filter(({ manifest }) => manifest.metadata.name !== 'podinfo-canary');
    assert.equal(istio.observed(withExisting(routed(), stored(manifests)))?.canaryWeight, 20);
    assert.equal(istio.observed(withExisting(routed(), stored(without))), undefined);
  });
});

describe('the status of a VirtualService', () => {
  const acceptance = (status?: unknown) =>
    istio.observed(withExisting(routed(), stored(desired({}), { status })))?.acceptance;
  const message = (level: string) => ({
    level,
    type: { name: 'ReferencedResourceNotFound', code: 'IST0101' },
    documentationUrl: 'https://istio.io/IST0101',
  });

  it('accepts what has no errors, and where there is none', () => {
    assert.deepEqual(acceptance(), { kind: 'accepted' });
    assert.deepEqual(acceptance({ validationMessages: [message('WARNING'), message('INFO')] }), { kind: 'accepted' });
  });
  it('refuses what has errors', () => {
    assert.deepEqual(acceptance({ validationMessages: [message('WARNING'), message('ERROR')] }), {
      kind: 'refused',
      message: 'ReferencedResourceNotFound IST0101 https://istio.io/IST0101',
    });
  });
});
