// The layout of 2018: the VirtualService is the user's own. Only the weights in it are ours.
import { canaryShare } from './canary-share.ts';
import {
  type IstioRoute,
  shortHost,
  splitOf,
  splitsOf,
  VIRTUAL_SERVICE,
  type VirtualServiceSpec,
} from './istio-virtual-service.ts';
import type { Routed, RouteManifest, Traffic } from './router.ts';

/**
 * The routes of the VirtualService as they are, with other weights where there is a split: the lists are atomic, so all of
 * each is applied, and nothing else of the object becomes ours. Nothing where there is no VirtualService.
 */
export function adoptedVirtualService(routed: Routed, traffic: Traffic): readonly RouteManifest[] {
  const spec = existingSpec(routed);
  if (spec === undefined) return [];
  const weighted = {
    ...(spec.http === undefined ? {} : { http: spec.http.map((route) => withWeights(route, routed, traffic)) }),
    ...(spec.tcp === undefined ? {} : { tcp: spec.tcp.map((route) => withWeights(route, routed, traffic)) }),
  };
  return [{ resource: VIRTUAL_SERVICE, manifest: { metadata: { name: routed.names.apexService }, spec: weighted } }];
}

/** What the user has to mend before the VirtualService can split anything; `undefined` when it is fine. */
export function adoptedRouteProblem(routed: Routed): string | undefined {
  const { apexService, primaryService, canaryService } = routed.names;
  const spec = existingSpec(routed);
  if (spec === undefined) return `VirtualService ${apexService} does not exist`;
  return splitsOf(spec, routed.names, routed.canary.metadata.namespace).length > 0
    ? undefined
    : `VirtualService ${apexService} has no http route to both ${primaryService} and ${canaryService}`;
}

export function adoptedShare(routed: Routed): number | undefined {
  return canaryShare(splitsOf(existingSpec(routed) ?? {}, routed.names, routed.canary.metadata.namespace));
}

function existingSpec({ existing, names }: Routed): VirtualServiceSpec | undefined {
  const object = existing(VIRTUAL_SERVICE, names.apexService);
  return object === undefined ? undefined : (object.spec ?? {});
}

function withWeights(entry: IstioRoute, { names, canary }: Routed, { canaryWeight }: Traffic): IstioRoute {
  const { namespace } = canary.metadata;
  if (splitOf(entry, names, namespace) === undefined) return entry;
  const canaryHost = shortHost(names.canaryService, namespace);
  const route = (entry.route ?? []).map((weighted) => {
    const isCanary = shortHost(weighted.destination?.host ?? '', namespace) === canaryHost;
    return { ...weighted, weight: isCanary ? canaryWeight : 100 - canaryWeight };
  });
  return { ...entry, route };
}
