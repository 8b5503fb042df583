import type { CanaryService } from '../../api/generated/canary.ts';
import type { Provider } from '../../api/provider-abilities.ts';
import type { Resource } from '../../kube/resource.ts';
import { canaryShare, splitBetween } from './canary-share.ts';
import { httpRouteAcceptance, type ParentRef } from './gateway-api-acceptance.ts';
import { httpRouteFilters } from './gateway-api-filters.ts';
import { httpRouteMatches } from './gateway-api-matches.ts';
import { gatewayDuration } from './gateway-duration.ts';
import { routeMetadata } from './generated-metadata.ts';
import { withOurs } from './introduced-backends.ts';
import { type Lane, lanesOf } from './lanes.ts';
import type { Routed, Router, Traffic } from './router.ts';

interface RouteBackend {
  readonly namespace?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly port?: number;
  readonly weight?: number;
}

interface HttpRouteSpec {
  readonly parentRefs?: readonly ParentRef[];
  readonly rules?: readonly { readonly backendRefs?: readonly RouteBackend[] }[];
}

/** What an HTTPRoute of a version can say, beyond what both can. */
interface Version {
  readonly timeouts: boolean;
  /** The filter is in the experimental channel since 1.3: an API server without it refuses the route, and says why. */
  readonly cors: boolean;
}

export const gatewayApiV1 = gatewayApi('gatewayapi:v1', 'v1', { timeouts: true, cors: true });
export const gatewayApiV1Beta1 = gatewayApi('gatewayapi:v1beta1', 'v1beta1', { timeouts: false, cors: false });

/** An HTTPRoute, attached to Gateways, or to a Service for routes inside a mesh. */
function gatewayApi(provider: Provider, served: 'v1' | 'v1beta1', version: Version): Router {
  const resource: Resource = {
    apiVersion: `gateway.networking.k8s.io/${served}`,
    kind: 'HTTPRoute',
    plural: 'httproutes',
    namespaced: true,
  };
  return {
    providers: [provider],
    resources: [resource],

    desired(routed, traffic) {
      const { service } = routed.canary.spec;
      if (service === undefined) return [];
      const hostnames = hostnamesOf(service);
      const spec = {
        parentRefs: service.gatewayRefs ?? [],
        ...(hostnames === undefined ? {} : { hostnames }),
        rules: rules(routed, service, traffic, version),
      };
      return [{ resource, manifest: { metadata: routeMetadata(routed), spec } }];
    },

    introduced(routed) {
      const { canary, names, existing } = routed;
      const { service } = canary.spec;
      const { rules: existingRules = [] } = (existing(resource, names.apexService)?.spec ?? {}) as HttpRouteSpec;
      if (service === undefined || existingRules.length === 0) return [];
      const ours = [names.primaryService, names.canaryService].map((name) => backendRef(name, service.port, 0));
      const spec = {
        rules: existingRules.map((rule) => ({
          ...rule,
          backendRefs: withOurs<RouteBackend>(rule.backendRefs ?? [], ours, 1),
        })),
      };
      return [{ resource, manifest: { metadata: routeMetadata(routed), spec } }];
    },

    handedBack(routed) {
      const { names } = routed;
      const { service } = routed.canary.spec;
      return this.desired(routed, { canaryWeight: 0 }).map(({ manifest, ...rest }) => {
        const { rules: split = [], ...spec } = manifest.spec as HttpRouteSpec;
        const backendRefs = [backendRef(names.apexService, service?.port ?? 80, 1)];
        return {
          ...rest,
          manifest: { ...manifest, spec: { ...spec, rules: split.map((rule) => ({ ...rule, backendRefs })) } },
        };
      });
    },

    acceptance({ canary, names, existing }) {
      const route = existing(resource, names.apexService);
      const { parentRefs = [] } = (route?.spec ?? {}) as HttpRouteSpec;
      if (route === undefined) return { kind: 'pending' };
      return httpRouteAcceptance(route, parentRefs, canary.metadata.namespace);
    },

    leadsTo({ spec }, _, { canary: { metadata } }) {
      const { rules: existingRules = [] } = (spec ?? {}) as HttpRouteSpec;
      return existingRules
        .flatMap(({ backendRefs = [] }) => backendRefs)
        .map(({ group = '', kind = 'Service', name, namespace: of = metadata.namespace }) =>
          group === '' && kind === 'Service' && of === metadata.namespace ? name : `${kind} ${of}/${name}`,
        );
    },

    observed({ canary, names, existing }) {
      const route = existing(resource, names.apexService);
      const { rules: existingRules = [], parentRefs = [] } = (route?.spec ?? {}) as HttpRouteSpec;
      const splits = existingRules.map(({ backendRefs = [] }) => {
        const backends = backendRefs.map(({ name, weight = 1 }) => ({ name, weight }));
        return splitBetween(names, backends);
      });
      const canaryWeight = canaryShare(splits);
      if (route === undefined || canaryWeight === undefined) return undefined;
      return { canaryWeight, acceptance: httpRouteAcceptance(route, parentRefs, canary.metadata.namespace) };
    },
  };
}

/** A route without host names answers for all of its listeners', which is what "*" means elsewhere. */
function hostnamesOf({ hosts = [] }: CanaryService): readonly string[] | undefined {
  if (hosts.length === 0 || hosts.includes('*')) return undefined;
  return [...new Set(hosts.map((host) => host.toLowerCase()))];
}

function rules(routed: Routed, service: CanaryService, traffic: Traffic, version: Version): readonly object[] {
  const { rewrite } = service;
  const timeouts = version.timeouts ? timeoutsOf(service) : undefined;
  // A prefix can be replaced in a rule only that has one match, so as to be clear which.
  const onePerMatch = rewrite?.uri !== undefined && rewrite.type === 'ReplacePrefixMatch';
  return lanesOf(routed, service, traffic).flatMap((lane) => {
    const matches = httpRouteMatches(lane.match);
    const filters = [...httpRouteFilters(service, version.cors), ...mirrorFilters(routed, service, lane)];
    const rest = {
      ...(filters.length === 0 ? {} : { filters }),
      backendRefs: splitRefs(routed, service, lane),
      ...(timeouts === undefined ? {} : { timeouts }),
    };
    return (onePerMatch ? matches.map((match) => [match]) : [matches]).map((some) => ({ matches: some, ...rest }));
  });
}

/** Copies of all requests, or of a percentage that experimental versions know. */
function mirrorFilters({ names }: Routed, { port }: CanaryService, { mirrorWeight }: Lane): readonly object[] {
  if (mirrorWeight === 0) return [];
  const { weight: _, ...backend } = backendRef(names.canaryService, port, 0);
  const percent = mirrorWeight === 100 ? {} : { percent: mirrorWeight };
  return [{ type: 'RequestMirror', requestMirror: { backendRef: backend, ...percent } }];
}

function splitRefs({ names }: Routed, { port }: CanaryService, lane: Lane): readonly RouteBackend[] {
  const { canaryWeight, setCookie } = lane;
  const adding = (cookie: string | undefined) =>
    cookie === undefined
      ? {}
      : {
          filters: [
            {
              type: 'ResponseHeaderModifier',
              responseHeaderModifier: { add: [{ name: 'Set-Cookie', value: cookie }] },
            },
          ],
        };
  return [
    { ...backendRef(names.primaryService, port, 100 - canaryWeight), ...adding(setCookie.primary) },
    { ...backendRef(names.canaryService, port, canaryWeight), ...adding(setCookie.canary) },
  ];
}

/** With the defaults of the definition, so that what is applied is what comes back. */
function backendRef(name: string, port: number, weight: number): RouteBackend {
  return { group: '', kind: 'Service', name, port, weight };
}

function timeoutsOf({ timeout, backendTimeout }: CanaryService): object | undefined {
  if (timeout === undefined && backendTimeout === undefined) return undefined;
  return {
    ...(timeout === undefined ? {} : { request: gatewayDuration(timeout) }),
    ...(backendTimeout === undefined ? {} : { backendRequest: gatewayDuration(backendTimeout) }),
  };
}
