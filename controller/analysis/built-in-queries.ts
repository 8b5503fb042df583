import type { TargetRef } from '../../api/generated/canary.ts';
import type { Provider } from '../../api/provider-abilities.ts';
import { contourQueries } from './queries/contour.ts';
import { gatewayApiQueries } from './queries/gateway-api.ts';
import { istioQueries } from './queries/istio.ts';
import { linkerdQueries } from './queries/linkerd.ts';

/** The checks that need no template: percent of the requests, and the p99 in milliseconds. */
export type BuiltInCheck = 'request-success-rate' | 'request-duration';

/** Whose requests are measured. */
export interface Observed {
  readonly namespace: string;
  /** The canary's workload. In the layout of 2018 that is `spec.canary.name`. */
  readonly target: Pick<TargetRef, 'kind' | 'name'>;
  /** The Service that clients call. */
  readonly service: string;
  readonly canaryService: string;
  /** How far the query looks back, as the metric has it. */
  readonly interval: string;
}

/** The PromQL of the built-in checks, by what one kind of gateway or mesh exposes. Each gives one number, NaN or nothing. */
export type BuiltInQueries = Readonly<Record<BuiltInCheck, (observed: Observed) => string>>;

const QUERIES: Readonly<Partial<Record<Provider, BuiltInQueries>>> = {
  contour: contourQueries,
  'gatewayapi:v1': gatewayApiQueries,
  'gatewayapi:v1beta1': gatewayApiQueries,
  istio: istioQueries,
  // Of what the pods count themselves, as there is no gateway here and none behind the Gateway API that all have.
  kubernetes: gatewayApiQueries,
  linkerd: linkerdQueries,
};

/** Those that requests can be measured by. */
export const MEASURED_PROVIDERS = Object.keys(QUERIES) as readonly Provider[];

/** `undefined` for a provider of which nothing is known yet. */
export function builtInQueriesOf(provider: Provider): BuiltInQueries | undefined {
  return QUERIES[provider];
}

export function isBuiltInCheck(name: string): name is BuiltInCheck {
  return name === 'request-success-rate' || name === 'request-duration';
}
