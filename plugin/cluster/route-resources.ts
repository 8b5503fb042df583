import type { CanarySpec } from '../../api/generated/canary.ts';
import type { Resource } from '../../kube/resource.ts';

const resource = (apiVersion: string, kind: string, plural: string): Resource => ({
  ...{ apiVersion, kind, plural, namespaced: true },
});

/** The kinds that are made for a provider. */
const ROUTES: readonly (Resource & { readonly provider: RegExp })[] = [
  { provider: /^contour$/, ...resource('projectcontour.io/v1', 'HTTPProxy', 'httpproxies') },
  { provider: /^gatewayapi:v1$/, ...resource('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes') },
  { provider: /^gatewayapi:v1beta1$/, ...resource('gateway.networking.k8s.io/v1beta1', 'HTTPRoute', 'httproutes') },
  { provider: /^istio$/, ...resource('networking.istio.io/v1beta1', 'VirtualService', 'virtualservices') },
  { provider: /^istio$/, ...resource('networking.istio.io/v1beta1', 'DestinationRule', 'destinationrules') },
  {
    provider: /^(smi:v1alpha1|smi:crossover|linkerd)$/,
    ...resource('split.smi-spec.io/v1alpha1', 'TrafficSplit', 'trafficsplits'),
  },
  { provider: /^smi:v1alpha2$/, ...resource('split.smi-spec.io/v1alpha2', 'TrafficSplit', 'trafficsplits') },
  { provider: /^smi:v1alpha3$/, ...resource('split.smi-spec.io/v1alpha3', 'TrafficSplit', 'trafficsplits') },
  { provider: /^kubernetes$/, ...resource('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices') },
];

/** The kinds of routes that there may be of a canary. One that names no provider has the controller's, which may be any. */
export function routeResources(provider: CanarySpec['provider']): readonly Resource[] {
  return ROUTES.filter((route) => provider === undefined || route.provider.test(provider));
}
