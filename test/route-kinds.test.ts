// What the plugin says of providers is what the controller does for them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ABILITIES, type Provider } from '../api/provider-abilities.ts';
import { ROUTE_KINDS } from '../api/route-kinds.ts';
import { routerOf } from '../controller/router/routers.ts';

describe('the kinds that routes are written in', () => {
  for (const provider of Object.keys(ABILITIES) as readonly Provider[]) {
    it(`are those of the router of ${provider}`, () => {
      const written = routerOf(provider)?.resources.map(({ apiVersion, plural }) => ({ apiVersion, plural }));
      assert.deepEqual(ROUTE_KINDS[provider], written);
    });
  }
});
