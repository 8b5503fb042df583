// The Services and the route: applied as they should be, in place of what there is.
import { SERVICES } from '../api/resources.ts';
import { applyObject } from '../kube/apply.ts';
import { pause } from '../kube/clock.ts';
import type { Resource } from '../kube/resource.ts';
import type { ActOptions } from './act.ts';
import type { FreshStore } from './fresh-store.ts';
import { generatedManifest, isAsWanted } from './generated-object.ts';
import type { RouteManifest, Router } from './router/router.ts';
import { trafficOf } from './router/traffic-of.ts';
import { routedOf, type Subject, servicesOf } from './subject.ts';
import { assertMayTakeOver } from './take-over.ts';
import type { ServiceManifests } from './workload/services.ts';
import type { GeneratedObject } from './world.ts';

type Options = Pick<ActOptions, 'world' | 'clock' | 'writer'>;

/** In which an Envoy has heard of new backends once its control plane has taken them up, on a busy machine too. */
const INTRODUCED_MS = 1500;
/** For which a control plane is waited for that does not say whether it has: what comes after it waits by itself. */
const TAKEN_UP_MS = 10_000;
const LOOK_MS = 100;

interface Absent {
  readonly resource: Resource;
  readonly name: string;
}

export async function applyServices(subject: Subject, apex: boolean, options: Options): Promise<void> {
  const { canary, target } = subject;
  const { services } = options.world;
  const wanted = servicesOf(subject);
  if (wanted === undefined) return;
  const absent = apex ? NONE : await absentOnes(subject, wanted, options);
  for (const manifest of [wanted.primary, wanted.canary, ...(apex ? [wanted.apex] : [])]) {
    const existing = services.get(`${canary.metadata.namespace}/${manifest.metadata.name}`);
    // To write what is there already costs the API server as much as a change.
    if (isAsWanted(canary, manifest, existing, target)) continue;
    await applyGenerated(subject, SERVICES, manifest, services, options, !absent.has(manifest.metadata.name));
  }
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Looks, before anything is made, whether something that is not ours is in the way: a primary with nobody to call it would be of
 * no use.
 *
 * @returns names of the Services that are not there yet
 */
async function absentOnes(
  subject: Subject,
  { apex, primary, canary }: ServiceManifests,
  { world }: Options,
): Promise<ReadonlySet<string>> {
  const { namespace } = subject.canary.metadata;
  const absent = new Set<string>();
  const routes = subject.router?.desired(routedOf(subject), trafficOf(subject.canary)) ?? [];
  const all = [...[apex, primary, canary].map((manifest) => ({ resource: SERVICES, manifest })), ...routes];
  for (const { resource, manifest } of all) {
    const { name } = manifest.metadata;
    const store = resource === SERVICES ? world.services : subject.routes.get(resource);
    const existing = store?.get(`${namespace}/${name}`) ?? (await world.read(resource, namespace, name));
    await assertMayTakeOver(subject, resource, existing, world);
    if (existing === undefined && resource === SERVICES) absent.add(name);
  }
  return absent;
}

export async function applyRoute(subject: Subject, options: Options): Promise<void> {
  const { canary, router } = subject;
  if (router === undefined) return;
  const isNew = router.observed(routedOf(subject)) === undefined;
  const absent = isNew ? await introduceBackends(subject, router, options) : undefined;
  await applyRouteManifests(subject, router.desired(routedOf(subject), trafficOf(canary)), options, absent);
}

/**
 * One after the other; those of a kind that the API server does not serve are left out.
 *
 * @param absent which has just been seen not to be there, so that it is no user's own
 */
export async function applyRouteManifests(
  subject: Subject,
  manifests: readonly RouteManifest[],
  options: Options,
  absent?: Absent,
): Promise<void> {
  for (const { resource, manifest } of manifests) {
    const store = subject.routes.get(resource);
    if (store === undefined) continue;
    const isAbsent = resource === absent?.resource && manifest.metadata.name === absent.name;
    await applyGenerated(subject, resource, manifest, store, options, !isAbsent);
  }
}

/**
 * Before a route of the user's own becomes ours, the gateway gets to know the backends that it is about to lead to.
 *
 * @returns the route, where there is none
 */
async function introduceBackends(subject: Subject, router: Router, options: Options): Promise<Absent | undefined> {
  const { canary, names, routes } = subject;
  const [resource] = router.resources;
  const store = resource && routes.get(resource);
  if (resource === undefined || store === undefined || router.introduced === undefined) return undefined;
  // With our label it is ours already. To apply a part of what is ours would take the rest of it away.
  if (store.get(`${canary.metadata.namespace}/${names.apexService}`) !== undefined) return undefined;
  const found = await options.world.read(resource, canary.metadata.namespace, names.apexService);
  const manifests = router.introduced({ ...routedOf(subject), existing: () => found });
  await applyIntroduced(subject, manifests, options);
  return found === undefined ? { resource, name: names.apexService } : undefined;
}

/** Routes with backends that the gateway is to meet before it leads there; returns once it should have. */
export async function applyIntroduced(
  subject: Subject,
  manifests: readonly RouteManifest[],
  options: Options,
): Promise<void> {
  const { clock, writer } = options;
  if (manifests.length === 0) return;
  await applyRouteManifests(subject, manifests, options);
  const isTakenUp = () => subject.router?.acceptance?.(routedOf(subject)).kind !== 'pending';
  for (const began = clock.now(); !isTakenUp() && clock.now() - began < TAKEN_UP_MS && !writer.signal.aborted; )
    await pause(clock, LOOK_MS, writer.signal);
  await pause(clock, INTRODUCED_MS, writer.signal);
}

/** @param mayBeThere whether one that is not known as ours may be the user's own. @default true */
export async function applyGenerated(
  subject: Subject,
  resource: Resource,
  manifest: Parameters<typeof generatedManifest>[1],
  store: FreshStore<GeneratedObject>,
  { world, writer }: Options,
  mayBeThere = true,
): Promise<void> {
  const { canary, target } = subject;
  const { namespace } = canary.metadata;
  const { name } = manifest.metadata;
  const known = store.get(`${namespace}/${name}`);
  const existing = known ?? (mayBeThere ? await world.read(resource, namespace, name) : undefined);
  await assertMayTakeOver(subject, resource, existing, world);
  store.wrote(
    await applyObject<GeneratedObject>(generatedManifest(canary, manifest, existing, target), { ...writer, resource }),
  );
}
