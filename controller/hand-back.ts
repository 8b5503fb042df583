// The Service and the route that clients call lead to the target's pods again, as they did before there was a canary.
import type { ReleaseNames } from '../api/names.ts';
import { SERVICES } from '../api/resources.ts';
import type { ActOptions } from './act.ts';
import { applyGenerated, applyIntroduced, applyRouteManifests } from './generated-objects.ts';
import type { Routed, RouteManifest, Router } from './router/router.ts';
import { routedOf, type Subject, servicesOf } from './subject.ts';
import type { ServiceManifest } from './workload/services.ts';

type Options = Pick<ActOptions, 'world' | 'clock' | 'writer'>;

/**
 * The Service that clients call, which selects what the target does. `undefined` where it is the user's own business.
 *
 * @throws {UnusableSelector}
 */
export function handedBackService(subject: Subject): ServiceManifest | undefined {
  const apex = servicesOf(subject)?.apex;
  const selector = subject.target?.spec.selector.matchLabels;
  return apex && selector && { ...apex, spec: { ...apex.spec, selector } };
}

/** The route, all of which leads to that Service. */
export function handedBackRoutes(subject: Subject): readonly RouteManifest[] {
  return subject.router?.handedBack?.(routedOf(subject)) ?? [];
}

export async function handBackService(subject: Subject, options: Options): Promise<void> {
  const wanted = handedBackService(subject);
  if (wanted !== undefined) await applyGenerated(subject, SERVICES, wanted, options.world.services, options);
}

export async function handBackRoute(subject: Subject, options: Options): Promise<void> {
  const { router, canary } = subject;
  if (router === undefined) return;
  const introduced = introducedRoutes(router, routedOf(subject), canary.status?.desiredWeight ?? 0);
  await applyIntroduced(subject, introduced, options);
  await applyRouteManifests(subject, handedBackRoutes(subject), options);
}

/**
 * The route as it is, and beside the side that has all traffic that Service, which the gateway is to meet before it leads there.
 * Whole, as what an apply leaves out of what is ours is gone.
 */
export function introducedRoutes(router: Router, routed: Routed, canaryWeight: number): readonly RouteManifest[] {
  const ours = router.desired(routed, { canaryWeight });
  const names = introducedBeside(routed.names, canaryWeight);
  return (router.introduced?.({ ...routed, names }) ?? []).map(({ resource, manifest }) => {
    const whole = ours.find(
      (each) => each.resource === resource && each.manifest.metadata.name === manifest.metadata.name,
    );
    return { resource, manifest: { ...manifest, spec: { ...whole?.manifest.spec, ...manifest.spec } } };
  });
}

/** In the place of the side that has none. */
function introducedBeside(names: ReleaseNames, canaryWeight: number): ReleaseNames {
  const { apexService } = names;
  return canaryWeight === 100 ? { ...names, canaryService: apexService } : { ...names, primaryService: apexService };
}
