import type { Provider } from '../../api/provider-abilities.ts';
import { contour } from './contour.ts';
import { gatewayApiV1, gatewayApiV1Beta1 } from './gateway-api.ts';
import { istio } from './istio.ts';
import { kubernetes } from './kubernetes.ts';
import type { Router } from './router.ts';
import { smiV1Alpha1, smiV1Alpha2, smiV1Alpha3 } from './smi.ts';

export const ROUTERS: readonly Router[] = [
  contour,
  gatewayApiV1,
  gatewayApiV1Beta1,
  istio,
  kubernetes,
  smiV1Alpha1,
  smiV1Alpha2,
  smiV1Alpha3,
];

/** Who splits the traffic for a provider; `undefined` for one that we have no router for yet. */
export function routerOf(provider: Provider): Router | undefined {
  return ROUTERS.find(({ providers }) => providers.includes(provider));
}
