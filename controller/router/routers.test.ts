// What holds for every router.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Analysis, CanaryService } from '../../api/generated/canary.ts';
import { ABILITIES, type Abilities } from '../../api/provider-abilities.ts';
import { kubernetes } from './kubernetes.ts';
import { routed, stored, withExisting } from './routed-fixture.ts';
import type { Routed, Traffic } from './router.ts';
import { ROUTERS, routerOf } from './routers.ts';

const percent = fc.integer({ min: 0, max: 100 });
const service: fc.Arbitrary<Partial<CanaryService>> = fc.record(
  {
    name: fc.constantFrom('web', 'podinfo'),
    port: fc.integer({ min: 1, max: 65535 }),
    portDiscovery: fc.boolean(),
    appProtocol: fc.constantFrom('http', 'TCP', 'grpc'),
    hosts: fc.subarray(['app.example.com', '*.example.com', 'podinfo']),
    gateways: fc.subarray(['mesh', 'istio-system/public']),
    gatewayRefs: fc.constant([{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' }]),
    match: fc.subarray([{ uri: { prefix: '/api' } }, { headers: { 'x-user': {} } }, { gateways: ['mesh'] }]),
    rewrite: fc.constantFrom({ uri: '/' }, { uri: '/v2', type: 'ReplacePrefixMatch' as const }),
    timeout: fc.constantFrom('15s', 'infinity'),
  },
  { requiredKeys: [] },
);

const match = [{ headers: { 'x-user': { suffix: '@example.com' } } }, { queryParams: { beta: { exact: '1' } } }];

function releasedTo(before: Routed): Routed {
  const analysis = { interval: '10s', threshold: 1, iterations: 3, match } as unknown as Analysis;
  return { ...before, canary: { ...before.canary, spec: { ...before.canary.spec, analysis } } };
}

/** Whatever a provider can do. */
function anyTraffic({ match: canMatch, mirror, cookies }: Abilities): fc.Arbitrary<Traffic> {
  const stickiness = fc.record(
    {
      affinity: fc.constant({ cookieName: 'side', maxAge: 60 }),
      canary: fc.constant('side=b'),
      primary: fc.constant({ cookie: 'primary=1', seconds: 10 }),
      expired: fc.constant('side=a'),
    },
    { requiredKeys: ['affinity'] },
  );
  return fc.oneof(
    fc.record({ canaryWeight: percent }),
    ...(canMatch ? [fc.record({ canaryWeight: percent, matchedOnly: fc.constant(true) })] : []),
    ...(mirror === 'never' ? [] : [fc.record({ canaryWeight: fc.constant(0), mirrorWeight: percent })]),
    ...(cookies ? [fc.record({ canaryWeight: percent, stickiness })] : []),
  );
}

/** Of pods, it is not weights that are written. */
for (const router of ROUTERS.filter((each) => each !== kubernetes)) {
  const [provider] = router.providers;

  describe(`the router of ${provider}`, () => {
    it('observes the weight that it wrote, and writes the same again', () => {
      fc.assert(
        fc.property(service, percent, (fields, canaryWeight) => {
          const before = routed(fields);
          const manifests = router.desired(before, { canaryWeight });
          const after = withExisting(before, stored(manifests));
          assert.equal(router.observed(after)?.canaryWeight, canaryWeight);
          assert.deepEqual(router.desired(after, { canaryWeight }), manifests);
        }),
        { numRuns: 100 },
      );
    });

    const traffic = anyTraffic(ABILITIES[provider ?? 'kubernetes']);
    it('observes what the canary gets of all, or of those that fit, beside whoever stays where he is', () => {
      fc.assert(
        fc.property(service, traffic, (fields, wanted) => {
          const before = releasedTo(routed(fields));
          const manifests = router.desired(before, wanted);
          const after = withExisting(before, stored(manifests));
          assert.equal(router.observed(after)?.canaryWeight, wanted.canaryWeight);
          assert.deepEqual(router.desired(after, wanted), manifests);
        }),
        { numRuns: 100 },
      );
    });

    it('gives primary and canary 100 % together, in every route', () => {
      fc.assert(
        fc.property(service, percent, (fields, canaryWeight) => {
          const text = JSON.stringify(router.desired(routed(fields), { canaryWeight }));
          const weights = [...text.matchAll(/"weight":"?(\d+)"?/g)].map(([, weight]) => Number(weight));
          assert.ok(weights.length >= 2);
          assert.deepEqual(
            weights,
            weights.map((_, index) => (index % 2 === 0 ? 100 - canaryWeight : canaryWeight)),
          );
        }),
        { numRuns: 100 },
      );
    });

    it('writes only what it says it writes', () => {
      for (const { resource } of router.desired(routed(), { canaryWeight: 0 })) {
        assert.ok(router.resources.includes(resource));
      }
    });

    it('keeps Flux off, and gives the route the metadata of the apex Service', () => {
      const apex = {
        labels: { team: 'a', unmanaged: 'x' },
        annotations: { 'example.com/a': 'b', 'kustomize.toolkit.fluxcd.io/reconcile': 'enabled', 'example.com/c': 'd' },
      };
      const unmanagedMetadata = { labels: ['unmanaged'], annotations: ['example.com/c'] };
      const manifests = router.desired(routed({ apex, unmanagedMetadata }), { canaryWeight: 0 });
      const handsOff = {
        'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
        'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
      };
      for (const { manifest } of manifests) {
        const { name, annotations, ...rest } = manifest.metadata;
        const isRoute = name === 'podinfo';
        assert.deepEqual(annotations, isRoute ? { 'example.com/a': 'b', ...handsOff } : handsOff);
        assert.deepEqual(rest, isRoute ? { labels: { team: 'a' } } : {});
      }
      assert.equal(manifests.filter(({ manifest }) => manifest.metadata.name === 'podinfo').length, 1);
    });

    it('hands all of it back to the Service that clients call, and names no other then', () => {
      fc.assert(
        fc.property(service, percent, (fields, canaryWeight) => {
          const before = routed(fields);
          const split = router.desired(before, { canaryWeight });
          const after = withExisting(before, stored(split));
          const back = router.handedBack?.(after) ?? [];
          assert.equal(back.length, 1);
          const text = JSON.stringify(back);
          assert.doesNotMatch(text, /-primary|-canary/);
          const { apexService } = before.names;
          assert.match(text, new RegExp(`"(name|host|service)":"${apexService}"`));
          // As many ways in as there were, and nothing else of it is another.
          const shape = (manifests: typeof split) =>
            manifests
              .filter(({ manifest }) => manifest.metadata.name === apexService)
              .map(({ manifest }) => JSON.parse(JSON.stringify(manifest, withoutBackends)) as unknown);
          assert.deepEqual(shape(back), shape(split));
          assert.equal(router.observed(withExisting(before, stored(back))), undefined);
        }),
        { numRuns: 100 },
      );
    });

    it('says what the gateway says of it, split or not', () => {
      assert.deepEqual(router.acceptance?.(routed()), { kind: 'pending' });
      const split = stored(router.desired(routed(), { canaryWeight: 0 }));
      const back = stored(router.handedBack?.(routed()) ?? []);
      assert.deepEqual(
        router.acceptance?.(withExisting(routed(), back)),
        router.observed(withExisting(routed(), split))?.acceptance,
      );
    });

    it('observes nothing where there is nothing', () => assert.equal(router.observed(routed()), undefined));

    it('has nothing to write where there is no service', () => {
      const { canary, ...rest } = routed();
      const { service: _, ...spec } = canary.spec;
      assert.deepEqual(router.desired({ ...rest, canary: { ...canary, spec } }, { canaryWeight: 0 }), []);
    });

    it('is found by its providers', () => {
      for (const name of router.providers) assert.equal(routerOf(name), router);
    });
  });
}

function withoutBackends(key: string, value: unknown): unknown {
  return ['services', 'backendRefs', 'backends', 'route'].includes(key) ? undefined : value;
}

describe('routerOf', () => {
  it('knows no router for what is not there yet', () => assert.equal(routerOf('gloo'), undefined));
  it('has one router for a provider', () => {
    const all = ROUTERS.flatMap(({ providers }) => providers);
    assert.equal(new Set(all).size, all.length);
  });
});
