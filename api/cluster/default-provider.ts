import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';
import { ABILITIES } from '../provider-abilities.ts';
import { validate } from '../validate.ts';
import type { Cluster } from './cluster.ts';

/** What is wrong in a canary that names no provider, with the one that it will get. */
export function* defaultProviderFits(canary: Canary, { defaultProvider }: Cluster): Iterable<Finding> {
  if (canary.spec.provider !== undefined) return;
  for (const { path, message } of validate('Canary', {
    ...canary,
    spec: { ...canary.spec, provider: defaultProvider },
  })) {
    yield { path, message: `${message}; the provider is ${defaultProvider} where none is named` };
  }
}

export function* builtInChecksAreThere({ spec }: Canary, { defaultProvider }: Cluster): Iterable<Finding> {
  const { provider = defaultProvider } = spec;
  if (ABILITIES[provider].builtInChecks) return;
  for (const field of ['analysis', 'canaryAnalysis'] as const) {
    for (const [index, metric] of (spec[field]?.metrics ?? []).entries()) {
      if (metric.query !== undefined || ('templateRef' in metric && metric.templateRef !== undefined)) continue;
      const instead = field === 'analysis' ? 'write a templateRef with the query' : 'write the query';
      const message = `is not built in for the provider ${provider}: ${instead}`;
      yield { path: `spec.${field}.metrics[${index}].name`, message };
    }
  }
}
