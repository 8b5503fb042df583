import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SERVICES } from '../../api/resources.ts';
import { ENDPOINT_SLICES, type EndpointSlice } from '../endpoint-slice.ts';
import { podSelector } from '../workload/selector.ts';
import { services } from '../workload/services.ts';
import { testRelease } from '../workload/test-release.ts';
import { kubernetes } from './kubernetes.ts';
import { routed, routed2018 } from './routed-fixture.ts';
import type { Routed, RouteManifest } from './router.ts';

const release = testRelease();
const ports = [{ name: 'http', port: 9898, protocol: 'TCP' }];

function slice(service: string, pods: readonly string[], more: Partial<EndpointSlice> = {}): EndpointSlice {
  return {
    metadata: {
      name: `${service}-x`,
      labels: {
        'kubernetes.io/service-name': service,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    },
    addressType: 'IPv4',
    ports,
    endpoints: pods.map((name, index) => ({
      addresses: [`10.0.0.${index}`],
      conditions: { ready: true },
      targetRef: { kind: 'Pod', name },
    })),
    ...more,
  };
}

function withSlices(...slices: readonly EndpointSlice[]): Routed {
  const cluster = {
    selector: podSelector(release),
    apex: (side: 'primary' | 'canary') => services(release, undefined, side).apex,
    slices,
  };
  return { ...routed(), cluster };
}

const pods = (side: string, count: number) => Array.from({ length: count }, (_, index) => `${side}-${index}`);
const native = (primary: number, canary: number) => [
  slice('podinfo-primary', pods('primary', primary)),
  slice('podinfo-canary', pods('canary', canary)),
];

/** What the API server has once this is applied, beside what Kubernetes keeps itself. */
function applied(manifests: readonly RouteManifest[], beside: readonly EndpointSlice[]): Routed {
  const of = (resource: unknown) =>
    manifests.filter((each) => each.resource === resource).map(({ manifest }) => manifest);
  const [apex] = of(SERVICES);
  return {
    ...withSlices(...beside, ...(of(ENDPOINT_SLICES) as unknown as EndpointSlice[])),
    existing: (resource, name) =>
      resource === SERVICES && name === 'podinfo' ? { metadata: { name }, spec: apex?.spec } : undefined,
  };
}

/** `podinfo-primary + canary-0, canary-1`: whom the Service selects, and who answers beside them. */
function written(manifests: readonly RouteManifest[]): string {
  const beside = manifests.flatMap(({ resource, manifest }) =>
    resource === ENDPOINT_SLICES
      ? ((manifest as unknown as EndpointSlice).endpoints?.map(({ targetRef }) => targetRef?.name) ?? [])
      : [],
  );
  const apex = manifests.find(({ resource }) => resource === SERVICES) ?? assert.fail('there is no Service');
  const { selector } = apex.manifest.spec as { selector: Record<string, string> };
  return [selector['app'], ...beside].join(' + ');
}
const desired = (canaryWeight: number, slices = native(4, 4)) =>
  kubernetes.desired(withSlices(...slices), { canaryWeight });

describe('the kubernetes provider', () => {
  it('switches the Service', () => {
    assert.equal(written(desired(0)), 'podinfo-primary');
    assert.equal(written(desired(100)), 'podinfo');
    assert.deepEqual(
      desired(0).map(({ resource }) => resource.kind),
      ['Service'],
    );
  });

  it('gives weights by numbers of pods, with the larger side in the selector', () => {
    assert.equal(written(desired(20)), 'podinfo-primary + canary-0');
    assert.equal(written(desired(50)), 'podinfo-primary + canary-0 + canary-1 + canary-2 + canary-3');
    assert.equal(written(desired(80)), 'podinfo + primary-0');
  });

  it('writes slices that Kubernetes takes for the Service’s and leaves alone', () => {
    const [first] = desired(20);
    assert.deepEqual(first?.manifest, {
      metadata: {
        name: 'podinfo-share-0-ipv4',
        labels: { 'kubernetes.io/service-name': 'podinfo', 'endpointslice.kubernetes.io/managed-by': 'kubectl-canary' },
      },
      addressType: 'IPv4',
      ports,
      endpoints: [
        { addresses: ['10.0.0.0'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'canary-0' } },
      ],
    });
  });

  it('gives requests only to pods that are ready and not going', () => {
    const endpoint = (name: string, conditions: object) => ({
      addresses: ['10.0.0.9'],
      conditions,
      targetRef: { name },
    });
    const canary = slice('podinfo-canary', [], {
      endpoints: [
        endpoint('a', { ready: false }),
        endpoint('b', { ready: true, terminating: true }),
        endpoint('c', { ready: true }),
      ],
    });
    assert.equal(written(desired(50, [...native(2, 0).slice(0, 1), canary])), 'podinfo-primary + c');
    assert.equal(written(desired(50, native(2, 0))), 'podinfo-primary');
  });

  it('gives a pod with addresses of two families both', () => {
    const six = slice('podinfo-canary', pods('canary', 2), { addressType: 'IPv6' });
    const both = [...native(2, 2), { ...six, metadata: { ...six.metadata, name: 'podinfo-canary-y' } }];
    const manifests = desired(33, both);
    assert.equal(written(manifests), 'podinfo-primary + canary-0 + canary-0');
    assert.deepEqual(
      manifests.map(({ manifest }) => manifest.metadata.name),
      ['podinfo-share-0-ipv4', 'podinfo-share-1-ipv6', 'podinfo'],
    );
  });

  it('empties the slices that it needs no more', () => {
    const beside = native(4, 4);
    const before = applied(desired(20, beside), beside);
    const after = kubernetes.desired(before, { canaryWeight: 0 });
    assert.equal(written(after), 'podinfo-primary');
    const [first = assert.fail('there is no slice')] = after;
    assert.deepEqual((first.manifest as unknown as EndpointSlice).endpoints, []);
  });

  it('observes the share that there is, and writes the same again', () => {
    const count = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), count, count, (canaryWeight, primary, canary) => {
        const beside = native(primary, canary);
        const manifests = desired(canaryWeight, beside);
        const after = applied(manifests, beside);
        const { canaryWeight: share = -1, acceptance } = kubernetes.observed(after) ?? {};
        assert.deepEqual(acceptance, { kind: 'accepted' });
        if (canaryWeight === 0 || canaryWeight === 100) assert.equal(share, canaryWeight);
        else assert.ok(share > 0 && share < 100 && (canaryWeight > 50 || share <= 50), `${share} for ${canaryWeight}`);
        assert.deepEqual(kubernetes.desired(after, { canaryWeight }), manifests);
      }),
    );
  });

  it('observes nothing of a Service that is not there or leads to somebody else', () => {
    assert.equal(kubernetes.observed(withSlices(...native(1, 1))), undefined);
    const other = { metadata: { name: 'podinfo' }, spec: { selector: { app: 'other' } } };
    assert.equal(kubernetes.observed({ ...withSlices(), existing: () => other }), undefined);
  });

  it('has nothing to switch where the Services are the user’s own', () => {
    assert.match(kubernetes.problem?.(routed2018()) ?? '', /layout of 2018/);
    assert.equal(kubernetes.problem?.(routed()), undefined);
    assert.deepEqual(kubernetes.desired(routed2018(), { canaryWeight: 0 }), []);
  });
});
