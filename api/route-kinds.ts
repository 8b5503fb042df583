import type { Provider } from './provider-abilities.ts';

/** A kind that a gateway reads, as it is asked for in discovery. */
export interface RouteKind {
  readonly apiVersion: string;
  readonly plural: string;
}

const httpRoutes = (version: string): readonly RouteKind[] => [
  { apiVersion: `gateway.networking.k8s.io/${version}`, plural: 'httproutes' },
];
const trafficSplits = (version: string): readonly RouteKind[] => [
  { apiVersion: `split.smi-spec.io/${version}`, plural: 'trafficsplits' },
];

/** What routes are written in for each provider that is driven; the others are accepted and not carried out yet. */
export const ROUTE_KINDS: Readonly<Partial<Record<Provider, readonly RouteKind[]>>> = {
  contour: [{ apiVersion: 'projectcontour.io/v1', plural: 'httpproxies' }],
  'gatewayapi:v1': httpRoutes('v1'),
  'gatewayapi:v1beta1': httpRoutes('v1beta1'),
  istio: [
    { apiVersion: 'networking.istio.io/v1beta1', plural: 'virtualservices' },
    { apiVersion: 'networking.istio.io/v1beta1', plural: 'destinationrules' },
  ],
  kubernetes: [
    { apiVersion: 'v1', plural: 'services' },
    { apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices' },
  ],
  linkerd: trafficSplits('v1alpha1'),
  'smi:crossover': trafficSplits('v1alpha1'),
  'smi:v1alpha1': trafficSplits('v1alpha1'),
  'smi:v1alpha2': trafficSplits('v1alpha2'),
  'smi:v1alpha3': trafficSplits('v1alpha3'),
};
