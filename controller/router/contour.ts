import type { CanaryService } from '../../api/generated/canary.ts';
import type { Resource } from '../../kube/resource.ts';
import { canaryShare, splitBetween } from './canary-share.ts';
import { contourConditions } from './contour-conditions.ts';
import { routePolicies } from './contour-policies.ts';
import { routeMetadata } from './generated-metadata.ts';
import { withOurs } from './introduced-backends.ts';
import { lanesOf } from './lanes.ts';
import type { Acceptance, Routed, RouteObject, Router, Traffic } from './router.ts';

export const HTTP_PROXY: Resource = {
  apiVersion: 'projectcontour.io/v1',
  kind: 'HTTPProxy',
  plural: 'httpproxies',
  namespaced: true,
};

interface ProxyService {
  readonly name: string;
  readonly port?: number;
  readonly weight?: number;
}

interface HttpProxySpec {
  readonly includes?: readonly { readonly name: string; readonly namespace?: string }[];
  readonly tcpproxy?: { readonly services?: readonly ProxyService[]; readonly include?: { readonly name: string } };
  readonly routes?: readonly { readonly services?: readonly ProxyService[] }[];
}

interface HttpProxyStatus {
  readonly currentStatus?: string;
  readonly description?: string;
  readonly conditions?: readonly {
    readonly type: string;
    readonly observedGeneration?: number;
    readonly errors?: readonly { readonly message: string }[];
  }[];
}

/** An HTTPProxy without a virtualhost, which the user's own root HTTPProxy includes. */
export const contour: Router = {
  providers: ['contour'],
  resources: [HTTP_PROXY],

  desired(routed, traffic) {
    const { service } = routed.canary.spec;
    if (service === undefined) return [];
    // Of a user's own root proxy, where it has the Service's name, the virtualhost and all else stays the user's.
    const spec = { routes: proxyRoutes(routed, service, traffic) };
    return [{ resource: HTTP_PROXY, manifest: { metadata: routeMetadata(routed), spec } }];
  },

  introduced(routed) {
    const proxy = existingProxy(routed);
    const { service } = routed.canary.spec;
    const { routes = [] } = (proxy?.spec ?? {}) as HttpProxySpec;
    if (service === undefined || routes.length === 0) return [];
    const ours = [routed.names.primaryService, routed.names.canaryService].map((name) => ({
      name,
      port: service.port,
      weight: 0,
    }));
    const spec = {
      routes: routes.map((route) => ({ ...route, services: withOurs<ProxyService>(route.services ?? [], ours, 0) })),
    };
    return [{ resource: HTTP_PROXY, manifest: { metadata: routeMetadata(routed), spec } }];
  },

  handedBack(routed) {
    const { service } = routed.canary.spec;
    if (service === undefined) return [];
    const services = [{ name: routed.names.apexService, port: service.port }];
    const routes = proxyRoutes(routed, service, { canaryWeight: 0 }).map((route) => ({ ...route, services }));
    return [{ resource: HTTP_PROXY, manifest: { metadata: routeMetadata(routed), spec: { routes } } }];
  },

  acceptance(routed) {
    const proxy = existingProxy(routed);
    return proxy === undefined ? { kind: 'pending' } : acceptanceOf(proxy);
  },

  leadsTo({ spec }) {
    const { routes = [], includes = [], tcpproxy } = (spec ?? {}) as HttpProxySpec;
    const services = [...routes.flatMap((route) => route.services ?? []), ...(tcpproxy?.services ?? [])];
    const included = [...includes, ...(tcpproxy?.include === undefined ? [] : [tcpproxy.include])];
    return [...services.map(({ name }) => name), ...included.map(({ name }) => `HTTPProxy ${name}`)];
  },

  observed(routed) {
    const proxy = existingProxy(routed);
    const { routes = [] } = (proxy?.spec ?? {}) as HttpProxySpec;
    const splits = routes.map(({ services = [] }) => {
      const backends = services.map(({ name, weight = 0 }) => ({ name, weight }));
      return splitBetween(routed.names, backends);
    });
    const canaryWeight = canaryShare(splits);
    if (proxy === undefined || canaryWeight === undefined) return undefined;
    return { canaryWeight, acceptance: acceptanceOf(proxy) };
  },
};

function existingProxy({ existing, names }: Routed): RouteObject | undefined {
  return existing(HTTP_PROXY, names.apexService);
}

/** One route for each way in which a request can fit. Cross-origin rules are the virtualhost's: they are not ours to set. */
function proxyRoutes(routed: Routed, service: CanaryService, traffic: Traffic): readonly object[] {
  const { canary, names } = routed;
  const { namespace } = canary.metadata;
  const backend = (name: string, weight: number) => ({
    name,
    port: service.port,
    weight,
    // Tells Linkerd's proxy beside Envoy whom the request is for; without Linkerd nobody reads it.
    requestHeadersPolicy: {
      set: [{ name: 'l5d-dst-override', value: `${name}.${namespace}.svc.cluster.local:${service.port}` }],
    },
  });
  return lanesOf(routed, service, traffic).flatMap(({ match, canaryWeight }) => {
    const services = [backend(names.primaryService, 100 - canaryWeight), backend(names.canaryService, canaryWeight)];
    return (match.length === 0 ? [{}] : match).map((each) => {
      const conditions = contourConditions(each);
      return { ...(conditions.length === 0 ? {} : { conditions }), services, ...routePolicies(service, each) };
    });
  });
}

function acceptanceOf({ metadata, status }: RouteObject): Acceptance {
  const { currentStatus, description, conditions = [] } = (status ?? {}) as HttpProxyStatus;
  const valid = conditions.find(({ type }) => type === 'Valid');
  if (valid === undefined || valid.observedGeneration !== metadata.generation) return { kind: 'pending' };
  // An orphan is one that no root proxy includes yet: that is between the user and the root, and nothing of ours is wrong.
  if (currentStatus === 'valid' || currentStatus === 'orphaned') return { kind: 'accepted' };
  if (currentStatus !== 'invalid') return { kind: 'pending' };
  const errors = (valid.errors ?? []).map(({ message }) => message);
  return {
    kind: 'refused',
    message: errors.length > 0 ? errors.join('; ') : (description ?? 'the HTTPProxy is invalid'),
  };
}
