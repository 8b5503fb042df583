import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CanaryService } from '../../api/generated/canary.ts';
import { one, routed, specOf, stored, withExisting } from './routed-fixture.ts';
import type { Router } from './router.ts';
import { routerOf } from './routers.ts';
import { smiV1Alpha1, smiV1Alpha2, smiV1Alpha3 } from './smi.ts';

const VERSIONS = [smiV1Alpha1, smiV1Alpha2, smiV1Alpha3];

interface Split {
  readonly service: string;
  readonly backends: readonly { readonly service: string; readonly weight: number | string }[];
}

const splitOf = (router: Router, service: Partial<CanaryService> = {}) =>
  specOf<Split>(router.desired(routed(service), { canaryWeight: 20 }), 'TrafficSplit');
/** The canary when there is a split with these weights of primary and canary, or with these backends. */
const weighted = (primary: unknown, canary: unknown) =>
  withBackends([
    { service: 'podinfo-primary', weight: primary },
    { service: 'podinfo-canary', weight: canary },
  ]);
const withBackends = (backends: unknown, more: object = {}) =>
  routed({}, one('TrafficSplit', { metadata: { name: 'podinfo' }, spec: { service: 'podinfo', backends, ...more } }));
const observed = (primary: unknown, canary: unknown) => smiV1Alpha1.observed(weighted(primary, canary))?.canaryWeight;

describe('a TrafficSplit', () => {
  it('is of the provider’s version', () => {
    const versions = {
      ...{ 'smi:v1alpha1': 'v1alpha1', 'smi:crossover': 'v1alpha1', linkerd: 'v1alpha1' },
      ...{ 'smi:v1alpha2': 'v1alpha2', 'smi:v1alpha3': 'v1alpha3' },
    } as const;
    for (const [provider, version] of Object.entries(versions)) {
      const [resource] = routerOf(provider as keyof typeof versions)?.resources ?? [];
      assert.deepEqual([resource?.apiVersion, resource?.kind], [`split.smi-spec.io/${version}`, 'TrafficSplit']);
    }
  });

  it('has quantities for weights in its first version, and whole numbers since', () => {
    const backends = (primary: unknown, canary: unknown) => [
      { service: 'podinfo-primary', weight: primary },
      { service: 'podinfo-canary', weight: canary },
    ];
    assert.deepEqual(splitOf(smiV1Alpha1), { service: 'podinfo', backends: backends('80', '20') });
    assert.deepEqual(splitOf(smiV1Alpha2), { service: 'podinfo', backends: backends(80, 20) });
    assert.deepEqual(splitOf(smiV1Alpha3), { service: 'podinfo', backends: backends(80, 20), matches: [] });
  });

  it('has as its root service the first host, where there is one', () => {
    for (const router of VERSIONS) {
      assert.equal(splitOf(router, { name: 'web' }).service, 'web');
      assert.equal(splitOf(router, { hosts: [] }).service, 'podinfo');
      assert.equal(splitOf(router, { hosts: ['app.example.com', 'podinfo'] }).service, 'app.example.com');
    }
  });

  it('has nobody who could accept or refuse it', () => {
    const after = withExisting(routed(), stored(smiV1Alpha2.desired(routed(), { canaryWeight: 5 })));
    assert.deepEqual(smiV1Alpha2.observed(after), { canaryWeight: 5, acceptance: { kind: 'accepted' } });
  });
});

describe('the weights of a TrafficSplit', () => {
  it('are read in each way in which a quantity can be written', () => {
    assert.equal(observed('950m', '50m'), 5);
    assert.equal(observed('1', '500m'), 33);
    assert.equal(observed(1, '1e3m'), undefined);
    assert.equal(observed('9.5e1', 5), 5);
    assert.equal(observed('.5', '0.5'), 50);
    assert.equal(observed('3k', '1k'), 25);
    assert.equal(observed('3Ki', '1Ki'), 25);
    assert.equal(observed('1', '1n'), 1);
    assert.equal(observed('0m', 1), 100);
  });

  it('are shares, in whichever unit', () => {
    const milli = (percent: number) => fc.constantFrom(`${percent}m`, String(percent / 1000), `${percent}e-3`);
    const pairs = fc
      .integer({ min: 0, max: 100 })
      .chain((canary) => fc.tuple(fc.constant(canary), milli(100 - canary), milli(canary)));
    fc.assert(fc.property(pairs, ([canary, primary, ofCanary]) => assert.equal(observed(primary, ofCanary), canary)));
  });

  it('are none where they cannot be read, add up to nothing, or are somebody else’s too', () => {
    const unreadable = [undefined, null, '', 'm', '50%', '-1', -1, Number.NaN, '1_0', '0x10', {}, '1'.repeat(65)];
    for (const weight of unreadable) {
      assert.equal(observed(100, weight), undefined, JSON.stringify(weight));
      assert.equal(observed(weight, 100), undefined, JSON.stringify(weight));
    }
    assert.equal(observed(0, 0), undefined);
    assert.equal(observed('0', '0m'), undefined);
    const ours = ['podinfo-primary', 'podinfo-canary'].map((service) => ({ service, weight: 50 }));
    assert.equal(smiV1Alpha1.observed(withBackends(ours))?.canaryWeight, 50);
    assert.equal(smiV1Alpha1.observed(withBackends([...ours, { service: 'third', weight: 1 }])), undefined);
    for (const backends of [undefined, null, 'podinfo', {}, [null, null], [1, 'a'], []]) {
      assert.equal(smiV1Alpha1.observed(withBackends(backends)), undefined, JSON.stringify(backends));
    }
  });

  it('are read whatever they are, without an exception', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (primary, canary) => {
        const weight = observed(primary, canary);
        assert.ok(
          weight === undefined || (Number.isInteger(weight) && weight >= 0 && weight <= 100),
          `weight ${weight}`,
        );
        smiV1Alpha1.introduced?.(withBackends(primary));
        smiV1Alpha1.observed(withBackends(primary));
      }),
    );
  });
});

describe('a TrafficSplit of the user’s own', () => {
  const introduced = (backends: unknown, router: Router = smiV1Alpha1) => {
    const [route] = router.introduced?.(withBackends(backends)) ?? [];
    return (route?.manifest.spec as Split | undefined)?.backends;
  };

  it('gets our backends beside its own, without a share, and keeps its weights as they are written', () => {
    const theirs = [
      { service: 'v1', weight: '1' },
      { service: 'v2', weight: '500m' },
    ];
    const ours = (weight: unknown) => [
      { service: 'podinfo-primary', weight },
      { service: 'podinfo-canary', weight },
    ];
    assert.deepEqual(introduced(theirs), [...theirs, ...ours('0')]);
    assert.deepEqual(introduced([{ service: 'v1', weight: 1 }], smiV1Alpha3), [
      { service: 'v1', weight: 1 },
      ...ours(0),
    ]);
    assert.deepEqual(introduced(introduced(theirs)), introduced(theirs));
  });

  it('never comes to give nobody anything', () => {
    assert.deepEqual(introduced([{ service: 'podinfo-primary', weight: '100' }]), [
      { service: 'podinfo-primary', weight: '100' },
      { service: 'podinfo-canary', weight: '0' },
    ]);
  });

  it('has nothing of it made ours meanwhile but its backends', () => {
    const [route] = smiV1Alpha3.introduced?.(withBackends([{ service: 'v1', weight: 1 }], { matches: [{}] })) ?? [];
    assert.deepEqual(Object.keys(route?.manifest.spec ?? {}), ['backends']);
  });

  it('is left alone where there is none, or where it leads nowhere', () => {
    for (const router of VERSIONS) assert.deepEqual(router.introduced?.(routed()), []);
    assert.deepEqual(smiV1Alpha1.introduced?.(withBackends([])), []);
  });

  it('is for all requests once it is split, also if it was for some', () => {
    const some = withBackends([], { matches: [{ kind: 'HTTPRouteGroup', name: 'firefox' }] });
    const { matches } = specOf<{ matches: unknown }>(smiV1Alpha3.desired(some, { canaryWeight: 5 }), 'TrafficSplit');
    assert.deepEqual(matches, []);
  });
});
