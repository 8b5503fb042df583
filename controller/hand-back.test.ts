import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { introducedRoutes } from './hand-back.ts';
import { routed, stored, withExisting } from './router/routed-fixture.ts';
import { ROUTERS } from './router/routers.ts';

interface Backend {
  readonly name: string;
  readonly weight: number;
}

describe('the Service that clients call, before all requests go to it,', () => {
  for (const router of ROUTERS.filter((each) => 'introduced' in each)) {
    for (const [canaryWeight, side] of [
      [0, 'podinfo-primary'],
      [100, 'podinfo-canary'],
    ] as const) {
      it(`is met by ${router.providers[0]} while ${side} has them`, () => {
        const bare = routed({ hosts: ['app.test'] });
        const split = withExisting(bare, stored(router.desired(bare, { canaryWeight })));
        const [route] = introducedRoutes(router, split, canaryWeight);
        // An apply takes away what it leaves out, such as what attaches the route to its gateway.
        const [before] = router.desired(split, { canaryWeight });
        assert.deepEqual(Object.keys(route?.manifest.spec ?? {}), Object.keys(before?.manifest.spec ?? {}));
        const text = JSON.stringify(route?.manifest.spec);
        const backends = [...text.matchAll(/"(?:name|service)":"(podinfo[^"]*)"[^{}[]*"weight":"?(\d+)/g)].map(
          ([, name = '', weight]): Backend => ({ name, weight: Number(weight) }),
        );
        assert.deepEqual(
          backends.filter(({ weight }) => weight > 0).map(({ name }) => name),
          [side],
        );
        assert.ok(
          backends.some(({ name }) => name === 'podinfo'),
          text,
        );
      });
    }
  }
});
