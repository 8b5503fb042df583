import type { CanaryService } from '../../api/generated/canary.ts';
import type { Resource } from '../../kube/resource.ts';
import { canaryShare, type Split } from './canary-share.ts';
import { companionMetadata, routeMetadata } from './generated-metadata.ts';
import { adoptedRouteProblem, adoptedShare, adoptedVirtualService } from './istio-adopted.ts';
import { httpRoutes, isTcp, tcpRoutes } from './istio-routes.ts';
import {
  type IstioRoute,
  shortHost,
  splitOf,
  VIRTUAL_SERVICE,
  type VirtualServiceSpec,
} from './istio-virtual-service.ts';
import type { Acceptance, Routed, RouteManifest, RouteObject, Router, Traffic } from './router.ts';

const DESTINATION_RULE: Resource = {
  apiVersion: 'networking.istio.io/v1beta1',
  kind: 'DestinationRule',
  plural: 'destinationrules',
  namespaced: true,
};

interface VirtualServiceStatus {
  readonly validationMessages?: readonly {
    readonly level?: string;
    readonly type?: { readonly name?: string; readonly code?: string };
    readonly documentationUrl?: string;
  }[];
}

/** A VirtualService, and a DestinationRule for each of its two destinations. */
export const istio: Router = {
  providers: ['istio'],
  resources: [VIRTUAL_SERVICE, DESTINATION_RULE],

  desired(routed, traffic) {
    if (routed.names.adopted) return adoptedVirtualService(routed, traffic);
    const { service } = routed.canary.spec;
    if (service === undefined) return [];
    const { primaryService, canaryService } = routed.names;
    return [
      // Before the VirtualService, whose requests would have other settings for a moment.
      ...[primaryService, canaryService].map((host) => destinationRule(host, service)),
      {
        resource: VIRTUAL_SERVICE,
        manifest: { metadata: routeMetadata(routed), spec: virtualService(routed, service, traffic) },
      },
    ];
  },

  handedBack(routed) {
    const { names } = routed;
    if (names.adopted) return [];
    return this.desired(routed, { canaryWeight: 0 }).flatMap(({ resource, manifest }) => {
      if (resource !== VIRTUAL_SERVICE) return [];
      const { http, tcp, ...spec } = manifest.spec as VirtualServiceSpec;
      const toApex = (entry: IstioRoute) => ({ ...entry, route: wholeRoute(entry, names.apexService) });
      const routes = { ...(http && { http: http.map(toApex) }), ...(tcp && { tcp: tcp.map(toApex) }) };
      return [{ resource, manifest: { ...manifest, spec: { ...spec, ...routes } } }];
    });
  },

  acceptance({ names, existing }) {
    const object = existing(VIRTUAL_SERVICE, names.apexService);
    return object === undefined ? { kind: 'pending' } : acceptanceOf(object);
  },

  leadsTo({ spec }, resource, { canary }) {
    const { namespace } = canary.metadata;
    if (resource === DESTINATION_RULE) return [shortHost((spec as { readonly host?: string }).host ?? '', namespace)];
    const { http = [], tcp = [] } = (spec ?? {}) as VirtualServiceSpec;
    const hosts = [...http, ...tcp].flatMap(({ route = [] }) =>
      route.map(({ destination }) => destination?.host ?? ''),
    );
    return hosts.map((host) => shortHost(host, namespace));
  },

  problem: (routed) => (routed.names.adopted ? adoptedRouteProblem(routed) : undefined),

  observed(routed) {
    const { names, existing } = routed;
    const object = existing(VIRTUAL_SERVICE, names.apexService);
    if (object === undefined) return undefined;
    const canaryWeight = names.adopted ? adoptedShare(routed) : generatedShare(routed, object);
    return canaryWeight === undefined ? undefined : { canaryWeight, acceptance: acceptanceOf(object) };
  },
};

function destinationRule(host: string, { trafficPolicy }: CanaryService): RouteManifest {
  const spec = { host, ...(trafficPolicy === undefined ? {} : { trafficPolicy }) };
  return { resource: DESTINATION_RULE, manifest: { metadata: companionMetadata(host), spec } };
}

function virtualService(routed: Routed, service: CanaryService, traffic: Traffic): object {
  const routes = isTcp(service)
    ? { tcp: tcpRoutes(routed.names, service, traffic) }
    : { http: httpRoutes(routed, service, traffic) };
  // A delegate with hosts or gateways of its own is one that Istio refuses.
  if (service.delegation === true) return routes;
  const { hosts = [], gateways = [] } = service;
  const { apexService } = routed.names;
  const hasApex = hosts.some((host) => shortHost(host, routed.canary.metadata.namespace) === apexService);
  return {
    hosts: hasApex ? hosts : [...hosts, apexService],
    gateways: gateways.length === 0 ? ['mesh'] : gateways,
    ...routes,
  };
}

/** With the port that it had, where it named one. */
function wholeRoute({ route = [] }: IstioRoute, host: string): IstioRoute['route'] {
  const [{ destination } = {}] = route;
  return [{ destination: { ...destination, host } }];
}

/** Every route of it is ours, so each has to split, and in the same way. */
function generatedShare({ names, canary, existing }: Routed, { spec }: RouteObject): number | undefined {
  const { primaryService, canaryService } = names;
  if ([primaryService, canaryService].some((host) => existing(DESTINATION_RULE, host) === undefined)) return undefined;
  const { http = [], tcp = [] } = (spec ?? {}) as VirtualServiceSpec;
  const splits: (Split | undefined)[] = [...http, ...tcp].map((route) =>
    splitOf(route, names, canary.metadata.namespace),
  );
  return canaryShare(splits);
}

/** Istio reports only what its analysis finds, and that only where it is turned on: no news is good news. */
function acceptanceOf({ status }: RouteObject): Acceptance {
  const { validationMessages = [] } = (status ?? {}) as VirtualServiceStatus;
  const errors = validationMessages
    .filter(({ level }) => level === 'ERROR')
    .map(({ type, documentationUrl }) => [type?.name, type?.code, documentationUrl].filter(Boolean).join(' '));
  return errors.length === 0 ? { kind: 'accepted' } : { kind: 'refused', message: errors.join('; ') };
}
