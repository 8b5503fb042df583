import type { Canary } from '../api/generated/canary.ts';
import { CANARY_LABEL } from '../api/keys.ts';
import type { ReleaseNames } from '../api/names.ts';
import type { Provider } from '../api/provider-abilities.ts';
import type { Resource } from '../kube/resource.ts';
import type { SubjectAutoscaler } from './autoscaler.ts';
import type { ConfigFacts } from './config-store.ts';
import type { DeploymentRecord } from './deployment-record.ts';
import { ENDPOINT_SLICES } from './endpoint-slice.ts';
import type { FreshStore } from './fresh-store.ts';
import type { Routed, Router } from './router/router.ts';
import { trafficOf } from './router/traffic-of.ts';
import { podSelector } from './workload/selector.ts';
import { type ServiceManifests, services } from './workload/services.ts';
import type { Release } from './workload/workload.ts';
import type { GeneratedObject } from './world.ts';

/** What a canary is about, as far as it is there: what effects work with. */
export interface Subject {
  readonly canary: Canary;
  readonly names: ReleaseNames;
  readonly provider: Provider;
  readonly router: Router | undefined;
  readonly target: DeploymentRecord | undefined;
  readonly primary: DeploymentRecord | undefined;
  /** What the target is configured by. */
  readonly configs: ConfigFacts;
  /** With which objects are generated; `undefined` without a target. */
  readonly release: Release | undefined;
  readonly routes: ReadonlyMap<Resource, FreshStore<GeneratedObject>>;
  /** The route of the user's own, as long as it does not have our label and is not in memory for that. */
  readonly unlabelled: GeneratedObject | undefined;
  /** `undefined` where the canary names none. */
  readonly autoscaler: SubjectAutoscaler | undefined;
}

/** The router's view of a subject, from what is there. */
export function routedOf(subject: Subject): Routed {
  const { canary, names, routes, router, unlabelled } = subject;
  const { namespace } = canary.metadata;
  return {
    canary,
    names,
    cluster: clusterOf(subject),
    existing(resource, name) {
      const known = routes.get(resource)?.get(`${namespace}/${name}`);
      return known ?? (resource === router?.resources[0] && name === names.apexService ? unlabelled : undefined);
    },
  };
}

/** What of the cluster is looked at for who splits by it alone. */
function clusterOf({ canary, names, release, primary, routes }: Subject): Routed['cluster'] {
  const slices = routes.get(ENDPOINT_SLICES);
  if (slices === undefined || release === undefined || names.adopted) return undefined;
  const { name, namespace } = canary.metadata;
  return {
    selector: podSelector(release),
    apex: (side) => services(release, primary?.spec.template, side).apex,
    slices: [...slices.values()].filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels?.[CANARY_LABEL] === name,
    ),
  };
}

/** The Services of a subject: those of the user's own are left alone. */
export function servicesOf({ canary, names, release, primary, router }: Subject): ServiceManifests | undefined {
  if (release === undefined || names.adopted) return undefined;
  return services(release, primary?.spec.template, router?.apexSide?.(trafficOf(canary)));
}
