import type { ReleaseNames } from '../../api/names.ts';
import type { Resource } from '../../kube/resource.ts';
import { type Split, splitBetween } from './canary-share.ts';

export const VIRTUAL_SERVICE: Resource = {
  apiVersion: 'networking.istio.io/v1beta1',
  kind: 'VirtualService',
  plural: 'virtualservices',
  namespaced: true,
};

export interface WeightedDestination {
  readonly destination?: { readonly host?: string };
  readonly weight?: number;
}

/** An entry of `http` or `tcp`: what is looked at of it, and all else as it is. */
export interface IstioRoute {
  readonly route?: readonly WeightedDestination[];
}

/** A VirtualService's spec, raw. */
export interface VirtualServiceSpec {
  readonly http?: readonly IstioRoute[];
  readonly tcp?: readonly IstioRoute[];
}

/** The weights of each route that has primary and canary as its destinations, and no other. */
export function splitsOf(
  { http = [], tcp = [] }: VirtualServiceSpec,
  names: ReleaseNames,
  namespace: string,
): readonly Split[] {
  return [...http, ...tcp].flatMap((route) => splitOf(route, names, namespace) ?? []);
}

export function splitOf({ route = [] }: IstioRoute, names: ReleaseNames, namespace: string): Split | undefined {
  const services = {
    primaryService: shortHost(names.primaryService, namespace),
    canaryService: shortHost(names.canaryService, namespace),
  };
  const backends = route.map(({ destination, weight = 0 }) => ({
    name: shortHost(destination?.host ?? '', namespace),
    weight,
  }));
  return splitBetween(services, backends);
}

/**
 * The name of a Service of the namespace, of either form in which Istio takes it: `podinfo` or
 * `podinfo.test.svc.cluster.local`, with whichever domain the cluster has. Any other host is left as it is.
 */
export function shortHost(host: string, namespace: string): string {
  const end = host.indexOf(`.${namespace}.svc.`);
  return end > 0 ? host.slice(0, end) : host;
}
