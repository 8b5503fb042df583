import type { CanarySpec } from './generated/canary.ts';

export type Provider = NonNullable<CanarySpec['provider']>;

export interface Abilities {
  /** Sends some requests to the canary by their headers or parameters (A/B). */
  readonly match: boolean;
  /** Sends the canary copies of requests that the primary answers. */
  readonly mirror: 'always' | 'with iterations' | 'never';
  /** Keeps a client where it is by a cookie. */
  readonly cookies: boolean;
  /** Has metrics that request-success-rate and request-duration can be measured by. */
  readonly builtInChecks: boolean;
}

const WEIGHTS_ONLY: Abilities = { match: false, mirror: 'never', cookies: false, builtInChecks: true };
/** SMI says how traffic is split, and nothing of how it is counted. */
const UNCOUNTED: Abilities = { ...WEIGHTS_ONLY, builtInChecks: false };
const WITH_MATCH: Abilities = { ...WEIGHTS_ONLY, match: true };
// A filter that mirrors is of the whole rule, beside weights it would mirror the canary's own share to it as well.
const GATEWAY_API: Abilities = { match: true, mirror: 'with iterations', cookies: true, builtInChecks: true };

/** What who splits the traffic can do beyond weights. The CEL rules of the Canary's definition say the same. */
export const ABILITIES: Readonly<Record<Provider, Abilities>> = {
  apisix: WEIGHTS_ONLY,
  appmesh: WITH_MATCH,
  'appmesh:v1beta2': WITH_MATCH,
  contour: WITH_MATCH,
  'gatewayapi:v1': GATEWAY_API,
  'gatewayapi:v1beta1': GATEWAY_API,
  gloo: WITH_MATCH,
  istio: { match: true, mirror: 'always', cookies: true, builtInChecks: true },
  knative: WEIGHTS_ONLY,
  kubernetes: WEIGHTS_ONLY,
  kuma: WEIGHTS_ONLY,
  linkerd: WEIGHTS_ONLY,
  nginx: WITH_MATCH,
  osm: WEIGHTS_ONLY,
  skipper: WEIGHTS_ONLY,
  'smi:crossover': UNCOUNTED,
  'smi:v1alpha1': UNCOUNTED,
  'smi:v1alpha2': UNCOUNTED,
  'smi:v1alpha3': UNCOUNTED,
  traefik: WEIGHTS_ONLY,
};
