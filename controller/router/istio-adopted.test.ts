import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { istio } from './istio.ts';
import { one, routed2018, stored, withExisting } from './routed-fixture.ts';

const to = (host: string, weight?: number) => ({
  destination: { host, port: { number: 9898 } },
  ...(weight === undefined ? {} : { weight }),
});
const virtualService = (spec: object) =>
  routed2018(one('VirtualService', { metadata: { name: 'podinfo', generation: 1 }, spec }));
const NO_SPLIT = {
  hosts: ['podinfo'],
  http: [
    { route: [to('podinfo')] },
    { route: [to('podinfo', 90), to('podinfo-canary', 5), to('third', 5)] },
    { route: [to('podinfo.other.svc.cluster.local', 90), to('podinfo-canary', 10)] },
    { redirect: { uri: '/' } },
  ],
};

describe('a VirtualService of the user’s own', () => {
  it('gets other weights, and nothing else', () => {
    const before = virtualService({
      hosts: ['podinfo', 'app.example.com'],
      gateways: ['public', 'mesh'],
      http: [
        { match: [{ uri: { prefix: '/static' } }], route: [to('assets')] },
        { route: [to('podinfo', 100), to('podinfo-canary', 0)], timeout: '5s' },
      ],
    });
    assert.deepEqual(istio.desired(before, { canaryWeight: 5 }), [
      {
        resource: istio.resources[0],
        manifest: {
          metadata: { name: 'podinfo' },
          spec: {
            http: [
              { match: [{ uri: { prefix: '/static' } }], route: [to('assets')] },
              { route: [to('podinfo', 95), to('podinfo-canary', 5)], timeout: '5s' },
            ],
          },
        },
      },
    ]);
    assert.equal(istio.observed(before)?.canaryWeight, 0);
    assert.equal(istio.problem?.(before), undefined);
  });

  it('may name its hosts in full, in either order, and split connections', () => {
    const route = [to('podinfo-canary.test.svc.cluster.local', 0), to('podinfo.test.svc.cluster.local', 100)];
    const before = virtualService({ http: [{ route }], tcp: [{ route }] });
    const canaryFirst = [to('podinfo-canary.test.svc.cluster.local', 5), to('podinfo.test.svc.cluster.local', 95)];
    const [manifest] = istio.desired(before, { canaryWeight: 5 });
    assert.deepEqual(manifest?.manifest.spec, { http: [{ route: canaryFirst }], tcp: [{ route: canaryFirst }] });
  });

  it('observes the weight that it wrote, and writes the same again', () => {
    const before = virtualService({ http: [{ route: [to('podinfo', 100), to('podinfo-canary', 0)] }] });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (canaryWeight) => {
        const manifests = istio.desired(before, { canaryWeight });
        const after = withExisting(before, stored(manifests));
        assert.equal(istio.observed(after)?.canaryWeight, canaryWeight);
        assert.deepEqual(istio.desired(after, { canaryWeight }), manifests);
      }),
    );
  });

  it('is left alone when it splits nothing, and that is said', () => {
    const before = virtualService(NO_SPLIT);
    assert.deepEqual(istio.desired(before, { canaryWeight: 5 })[0]?.manifest.spec, { http: NO_SPLIT.http });
    assert.equal(istio.observed(before), undefined);
    assert.equal(
      istio.problem?.(before),
      'VirtualService podinfo has no http route to both podinfo and podinfo-canary',
    );
  });

  it('is not made', () => {
    assert.deepEqual(istio.desired(routed2018(), { canaryWeight: 5 }), []);
    assert.equal(istio.observed(routed2018()), undefined);
    assert.equal(istio.problem?.(routed2018()), 'VirtualService podinfo does not exist');
  });
});
