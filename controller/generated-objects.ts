// The Services and the route: applied as they should be, in place of what there is.
import { SERVICES } from '../api/resources.ts';
import { applyObject } from '../kube/apply.ts';
import { pause } from '../kube/clock.ts';
import type { Resource } from '../kube/resource.ts';
import type { ActOptions } from './act.ts';
import type { FreshStore } from './fresh-store.ts';
import { generatedManifest, isAsWanted } from './generated-object.ts';
import type { Router } from './router/router.ts';
import { trafficOf } from './router/traffic-of.ts';
import { routedOf, type Subject, servicesOf } from './subject.ts';
import type { GeneratedObject } from './world.ts';

type Options = Pick<ActOptions, 'world' | 'clock' | 'writer'>;

/** In which Envoy has heard of new backends, on a busy machine too. */
export const INTRODUCED_MS = 1500;

export async function applyServices(subject: Subject, apex: boolean, options: Options): Promise<void> {
  const { canary, target } = subject;
  const { services } = options.world;
  const wanted = servicesOf(subject);
  if (wanted === undefined) return;
  for (const manifest of [wanted.primary, wanted.canary, ...(apex ? [wanted.apex] : [])]) {
    const existing = services.get(`${canary.metadata.namespace}/${manifest.metadata.name}`);
    // To write what is there already costs the API server as much as a change.
    if (isAsWanted(canary, manifest, existing, target)) continue;
    await applyGenerated(subject, SERVICES, manifest, services, options);
  }
}

export async function applyRoute(subject: Subject, options: Options): Promise<void> {
  const { canary, router, routes } = subject;
  if (router === undefined) return;
  if (router.observed(routedOf(subject)) === undefined) await introduceBackends(subject, router, options);
  for (const { resource, manifest } of router.desired(routedOf(subject), trafficOf(canary))) {
    const store = routes.get(resource);
    if (store !== undefined) await applyGenerated(subject, resource, manifest, store, options);
  }
}

/** Before a route of the user's own becomes ours, the gateway gets to know the backends that it is about to lead to. */
async function introduceBackends(subject: Subject, router: Router, options: Options): Promise<void> {
  const { canary, names, routes } = subject;
  const [resource] = router.resources;
  const store = resource && routes.get(resource);
  if (resource === undefined || store === undefined || router.introduced === undefined) return;
  // With our label it is ours already. To apply a part of what is ours would take the rest of it away.
  if (store.get(`${canary.metadata.namespace}/${names.apexService}`) !== undefined) return;
  const found = await options.world.read(resource, canary.metadata.namespace, names.apexService);
  const manifests = router.introduced({ ...routedOf(subject), existing: () => found });
  for (const { manifest } of manifests) await applyGenerated(subject, resource, manifest, store, options);
  if (manifests.length > 0) await pause(options.clock, INTRODUCED_MS, options.writer.signal);
}

export async function applyGenerated(
  { canary, target }: Subject,
  resource: Resource,
  manifest: Parameters<typeof generatedManifest>[1],
  store: FreshStore<GeneratedObject>,
  { world, writer }: Options,
): Promise<void> {
  const { namespace } = canary.metadata;
  const { name } = manifest.metadata;
  const existing = store.get(`${namespace}/${name}`) ?? (await world.read(resource, namespace, name));
  store.wrote(
    await applyObject<GeneratedObject>(generatedManifest(canary, manifest, existing, target), { ...writer, resource }),
  );
}
