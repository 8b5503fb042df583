import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CANARY_LABEL } from '../api/keys.ts';
import type { Clock } from '../kube/clock.ts';
import type { Resource } from '../kube/resource.ts';
import type { Transport } from '../kube/transport/transport.ts';
import type { FreshStore } from './fresh-store.ts';
import { applyRoute } from './generated-objects.ts';
import { contour } from './router/contour.ts';
import { gatewayApiV1 } from './router/gateway-api.ts';
import { routed } from './router/routed-fixture.ts';
import type { Router } from './router/router.ts';
import { smiV1Alpha1 } from './router/smi.ts';
import type { Subject } from './subject.ts';
import type { GeneratedObject, World } from './world.ts';

const gatewayRefs = [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' }];
/** A route of podinfo, as its user has made it, by the router that splits it. */
const USERS: readonly (readonly [router: Router, spec: object])[] = [
  [contour, { routes: [{ services: [{ name: 'podinfo', port: 9898 }] }] }],
  [gatewayApiV1, { parentRefs: gatewayRefs, rules: [{ backendRefs: [{ name: 'podinfo', port: 9898 }] }] }],
  [smiV1Alpha1, { service: 'podinfo', backends: [{ service: 'podinfo-v1', weight: 1 }] }],
];

/** Waits are over at once, and take their time all the same. */
function hastyClock(): Clock {
  let now = 0;
  return {
    ...{ now: () => now, date: () => new Date(now) },
    after(ms, action) {
      now += ms;
      setImmediate(action);
      return () => undefined;
    },
  };
}

/** What is applied, in order, to have a route split, when there is this object of it: known as the canary's, or not. */
async function appliedTo(router: Router, spec: object, isLabelled: boolean): Promise<readonly object[]> {
  return (await writesTo(router, spec, isLabelled)).map((write) => write.spec);
}

/**
 * The same with when each of them was written, in milliseconds.
 *
 * @param takenUpAt when Contour says that it has taken up what is there
 */
async function writesTo(
  router: Router,
  spec: object,
  isLabelled: boolean,
  takenUpAt = Number.POSITIVE_INFINITY,
): Promise<readonly { readonly spec: object; readonly at: number }[]> {
  const clock = hastyClock();
  const [resource] = router.resources;
  assert.ok(resource !== undefined, 'the router writes nothing');
  const metadata = { name: 'podinfo', namespace: 'test', uid: 'u', resourceVersion: '1' };
  const labels = isLabelled ? { [CANARY_LABEL]: 'podinfo' } : {};
  const existing: GeneratedObject = { metadata: { ...metadata, labels }, spec };
  let known = isLabelled ? existing : undefined;
  const status = { currentStatus: 'valid', conditions: [{ type: 'Valid' }] };
  const seen = () => known && { ...known, ...(clock.now() >= takenUpAt && { status }) };
  const store = { get: seen, wrote: (object: GeneratedObject) => (known = object) };
  const applied: { readonly spec: object; readonly at: number }[] = [];
  const transport = {
    request({ body }: { body: GeneratedObject & { spec: object } }) {
      applied.push({ spec: body.spec, at: clock.now() });
      // What is not ours stays as it was.
      return Promise.resolve({ ...body, spec: { ...spec, ...body.spec } });
    },
  };
  const { canary: undecided, names } = routed({ gatewayRefs });
  const analysis = { interval: '10s', threshold: 1, stepWeight: 20 };
  const canary = { ...undecided, spec: { ...undecided.spec, analysis }, status: { desiredWeight: 20 } };
  const subject = {
    ...{ canary, names, router, provider: router.providers[0], unlabelled: undefined },
    ...{ target: undefined, primary: undefined, release: undefined },
    routes: new Map<Resource, FreshStore<GeneratedObject>>([
      [resource, store as unknown as FreshStore<GeneratedObject>],
    ]),
  } as unknown as Subject;
  await applyRoute(subject, {
    clock,
    world: { read: () => Promise.resolve(existing) } as unknown as World,
    writer: {
      transport: transport as unknown as Transport,
      fieldManager: 'test',
      fence: { holder: 'test', lost: new AbortController().signal, isHeld: () => true },
      signal: new AbortController().signal,
    },
  });
  return applied;
}

describe('a route', () => {
  for (const [router, spec] of USERS) {
    const wanted = router.desired(routed({ gatewayRefs }), { canaryWeight: 20 }).map(({ manifest }) => manifest.spec);

    it(`of the user’s own is split by ${router.providers[0]} once its gateway knows our backends`, async () => {
      const [first, ...rest] = await appliedTo(router, spec, false);
      assert.match(JSON.stringify(first), /podinfo-canary/);
      assert.deepEqual(rest, wanted);
    });

    it(`that is ours already and splits nothing is set right by ${router.providers[0]} with all that is ours of it`, async () => {
      assert.deepEqual(await appliedTo(router, spec, true), wanted);
    });
  }

  it('leads to our backends 1.5 s after its gateway has taken them up, or after ten seconds without a word', async () => {
    const pauses = [
      [contour, 700],
      [contour, Number.POSITIVE_INFINITY],
      [smiV1Alpha1, Number.POSITIVE_INFINITY],
    ] as const;
    const times: number[] = [];
    for (const [router, takenUpAt] of pauses) {
      const [, spec = {}] = USERS.find(([of]) => of === router) ?? [];
      const [, split] = await writesTo(router, spec, false, takenUpAt);
      times.push(split?.at ?? Number.NaN);
    }
    assert.deepEqual(times, [2200, 11_500, 1500]);
  });
});
