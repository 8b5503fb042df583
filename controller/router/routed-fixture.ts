// Canaries and what there is of their routes, for the tests of the routers.
import type { Canary, CanaryService, CanarySpec } from '../../api/generated/canary.ts';
import { releaseNames } from '../../api/names.ts';
import type { Resource } from '../../kube/resource.ts';
import type { Routed, RouteManifest, RouteObject } from './router.ts';

const NAMESPACE = 'test';

/** A canary for podinfo, and the objects that there are. */
export function routed(service: Partial<CanaryService> = {}, existing: Routed['existing'] = nothing): Routed {
  return routedBy(
    {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      service: { port: 9898, portName: 'http', ...service },
      progressDeadlineSeconds: 600,
    },
    existing,
  );
}

/** A canary of the layout of 2018. */
export function routed2018(existing: Routed['existing'] = nothing): Routed {
  return routedBy(
    {
      targetKind: 'Deployment',
      virtualService: { name: 'podinfo' },
      primary: { name: 'podinfo', host: 'podinfo' },
      canary: { name: 'podinfo-canary', host: 'podinfo-canary' },
      progressDeadlineSeconds: 600,
    },
    existing,
  );
}

/** The same canary when there are these objects. */
export function withExisting(before: Routed, existing: Routed['existing']): Routed {
  return { ...before, existing };
}

/** What the API server has once the manifests are applied. */
export function stored(
  manifests: readonly RouteManifest[],
  { status, generation = 1 }: { readonly status?: unknown; readonly generation?: number } = {},
): Routed['existing'] {
  return (resource, name) => {
    const found = manifests.find(
      ({ manifest, resource: of }) => manifest.metadata.name === name && isSame(of, resource),
    );
    return found === undefined ? undefined : { metadata: { name, generation }, spec: found.manifest.spec, status };
  };
}

/** One object, whatever is asked for by its kind. */
export function one(kind: string, object: RouteObject): Routed['existing'] {
  return (resource, name) => (resource.kind === kind && name === object.metadata.name ? object : undefined);
}

/** The spec of the one manifest of a kind, for looking into. */
export function specOf<T>(manifests: readonly RouteManifest[], kind: string): T {
  const [found, ...more] = manifests.filter(({ resource }) => resource.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`${more.length + 1} manifests of kind ${kind}`);
  return found.manifest.spec as T;
}

function routedBy(spec: CanarySpec, existing: Routed['existing']): Routed {
  const metadata: Canary['metadata'] = {
    name: 'podinfo',
    namespace: NAMESPACE,
    uid: '5b1c0f7e-2a3d-4e77-8f0c-9f6b1d2a3c4d',
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  const canary: Canary = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata, spec };
  return { canary, names: releaseNames(spec), existing };
}

function nothing(): undefined {
  return undefined;
}

function isSame(resource: Resource, other: Resource): boolean {
  return resource.apiVersion === other.apiVersion && resource.kind === other.kind;
}
