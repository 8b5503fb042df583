import type { MetricProvider, MetricProviderType } from './metric-provider.ts';
import { prometheus } from './providers/prometheus.ts';

const PROVIDERS: Readonly<Partial<Record<MetricProviderType, MetricProvider>>> = { prometheus };

/** Those that can be asked. */
export const METRIC_PROVIDER_TYPES = Object.keys(PROVIDERS) as readonly MetricProviderType[];

/** `undefined` for one of the API's providers that is not there yet. */
export function metricProviderOf(type: MetricProviderType): MetricProvider | undefined {
  return PROVIDERS[type];
}
