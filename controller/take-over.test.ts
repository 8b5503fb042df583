// What may become a canary's although it was there before: nothing that did not lead to the target's pods.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CANARY_LABEL } from '../api/keys.ts';
import { SERVICES } from '../api/resources.ts';
import type { Resource } from '../kube/resource.ts';
import { ENDPOINT_SLICES } from './endpoint-slice.ts';
import { contour } from './router/contour.ts';
import { gatewayApiV1 } from './router/gateway-api.ts';
import { istio } from './router/istio.ts';
import { kubernetes } from './router/kubernetes.ts';
import { routed, routed2018 } from './router/routed-fixture.ts';
import type { Router } from './router/router.ts';
import { smiV1Alpha2 } from './router/smi.ts';
import type { Subject } from './subject.ts';
import { assertMayTakeOver, objectionTo } from './take-over.ts';
import type { GeneratedObject } from './world.ts';

const labels = { app: 'podinfo', tier: 'web' };
const target = {
  metadata: { name: 'podinfo', namespace: 'test', uid: 'target' },
  spec: { selector: { matchLabels: { app: 'podinfo' } }, template: { metadata: { labels }, spec: {} } },
};
const subjectOf = (router: Router = contour, { canary, names } = routed()): Subject =>
  ({
    ...{ canary, names, router, target, primary: undefined },
    release: { canary, names, target, options: { selectorLabels: ['app'], includeLabelPrefixes: [] } },
  }) as unknown as Subject;
const objectOf = (spec: unknown, metadata: object = {}): GeneratedObject =>
  ({ metadata: { name: 'podinfo', namespace: 'test', uid: 'x', ...metadata }, spec }) as unknown as GeneratedObject;
const service = (spec: object, metadata?: object) => objectionTo(subjectOf(), SERVICES, objectOf(spec, metadata));
const route = (router: Router, spec: object, resource = router.resources[0]!, metadata: object = {}) =>
  objectionTo(subjectOf(router), resource, objectOf(spec, metadata));

describe('a Service that was there before', () => {
  it('may be taken over where it selects the pods of the target or of its primary', () => {
    for (const selector of [{ app: 'podinfo' }, labels, { tier: 'web' }, { app: 'podinfo-primary' }])
      assert.equal(service({ selector }), undefined, JSON.stringify(selector));
    assert.equal(service({ selector: { app: 'podinfo' }, clusterIP: 'None' }), undefined);
  });

  it('may not where it leads to others, whatever labels somebody has given it', () => {
    const text = service({ selector: { app: 'checkout' } }, { labels: { [CANARY_LABEL]: 'podinfo' } });
    assert.equal(
      text,
      'Service podinfo is there already and selects app=checkout, not the pods of Deployment podinfo: write another spec.service.name, or delete that Service if nobody needs it',
    );
    assert.match(service({ selector: { app: 'podinfo', tier: 'db' } }) ?? '', /selects app=podinfo,tier=db/);
  });

  it('may not where nobody can say what it leads to', () => {
    assert.match(service({}) ?? '', /has no selector/);
    assert.match(service({ type: 'ExternalName', externalName: 'example.com' }) ?? '', /leads out of the cluster/);
  });

  it('is the canary’s own where the canary or its target owns it, whatever somebody has edited in it', () => {
    for (const uid of ['target', routed().canary.metadata.uid])
      assert.equal(service({ selector: { app: 'other' } }, { ownerReferences: [{ uid }] }), undefined);
  });
});

describe('a route that was there before', () => {
  const [virtualServices, destinationRules] = istio.resources as readonly [Resource, Resource];
  const RIGHT: readonly (readonly [Router, object, resource?: Resource, metadata?: object])[] = [
    [contour, { routes: [{ services: [{ name: 'podinfo' }] }, { services: [{ name: 'podinfo-primary' }] }] }],
    [gatewayApiV1, { rules: [{ backendRefs: [{ name: 'podinfo', namespace: 'test' }] }] }],
    [istio, { http: [{ route: [{ destination: { host: 'podinfo.test.svc.cluster.local' } }] }] }, virtualServices],
    [istio, { host: 'podinfo-primary' }, destinationRules],
    [smiV1Alpha2, { service: 'podinfo', backends: [{ service: 'podinfo-v1', weight: 1 }] }],
    [kubernetes, {}, ENDPOINT_SLICES, { labels: { 'kubernetes.io/service-name': 'podinfo' } }],
  ];
  for (const [router, spec, resource, metadata] of RIGHT) {
    it(`may be taken over where it leads to the canary’s Services: ${router.providers[0]} ${resource?.kind ?? ''}`, () =>
      assert.equal(route(router, spec, resource, metadata), undefined));
  }

  const WRONG: readonly (readonly [Router, object, RegExp, resource?: Resource, metadata?: object])[] = [
    [contour, { routes: [{ services: [{ name: 'podinfo' }] }, { services: [{ name: 'checkout' }] }] }, /to checkout,/],
    [contour, { includes: [{ name: 'checkout' }] }, /to HTTPProxy checkout,/],
    [contour, { tcpproxy: { services: [{ name: 'checkout' }] } }, /to checkout,/],
    [contour, { virtualhost: { fqdn: 'a.test' } }, /to no Service,/],
    [
      gatewayApiV1,
      { rules: [{ backendRefs: [{ name: 'podinfo', namespace: 'other' }] }] },
      /to Service other\/podinfo,/,
    ],
    [gatewayApiV1, { rules: [{ filters: [{ type: 'RequestRedirect' }] }] }, /to no Service,/],
    [istio, { http: [{ route: [{ destination: { host: 'checkout' } }] }] }, /to checkout,/, virtualServices],
    [istio, { host: 'checkout' }, /to checkout,/, destinationRules],
    [smiV1Alpha2, { service: 'checkout', backends: [] }, /to checkout,/],
    [kubernetes, {}, /to checkout,/, ENDPOINT_SLICES, { labels: { 'kubernetes.io/service-name': 'checkout' } }],
  ];
  for (const [router, spec, text, resource, metadata] of WRONG) {
    it(`may not where it leads elsewhere: ${router.providers[0]} ${text.source}`, () =>
      assert.match(route(router, spec, resource, metadata) ?? '', text));
  }

  it('may be taken over where all Services that it leads to select the target’s pods', async () => {
    const read = (_: unknown, __: string, name: string) =>
      Promise.resolve(objectOf({ selector: { app: name === 'web' ? 'podinfo' : name } }));
    const leading = (...names: string[]) => objectOf({ routes: [{ services: names.map((name) => ({ name })) }] });
    const [resource] = contour.resources;
    await assertMayTakeOver(subjectOf(), resource!, leading('web', 'podinfo'), { read });
    await assert.rejects(
      assertMayTakeOver(subjectOf(), resource!, leading('web', 'checkout'), { read }),
      /HTTPProxy podinfo is there already and leads to web, checkout, not only to the pods of Deployment podinfo/,
    );
  });

  it('may be taken over where it splits the host name that the canary is for', () => {
    const [resource] = smiV1Alpha2.resources;
    const split = objectOf({ service: 'shop.example.com', backends: [{ service: 'podinfo-v1', weight: 1 }] });
    const of = (...hosts: string[]) => objectionTo(subjectOf(smiV1Alpha2, routed({ hosts })), resource!, split);
    assert.equal(of('shop.example.com'), undefined);
    assert.match(of('other.example.com') ?? '', /leads to shop\.example\.com,/);
  });

  it('is the user’s own in the layout of 2018, which names it', () => {
    const spec = { http: [{ route: [{ destination: { host: 'checkout' } }] }] };
    assert.equal(objectionTo(subjectOf(istio, routed2018()), virtualServices, objectOf(spec)), undefined);
  });
});
