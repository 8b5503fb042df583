import { analysisOf, analysisPath } from '../analysis.ts';
import type { Finding } from '../finding.ts';
import type { Canary } from '../generated/canary.ts';
import { ABILITIES } from '../provider-abilities.ts';
import { validate } from '../validate.ts';
import type { Cluster } from './cluster.ts';

/** What is wrong in a canary that names no provider, with the one that it will get. */
export function* defaultProviderFits(canary: Canary, { defaultProvider }: Cluster): Iterable<Finding> {
  if (canary.spec.provider !== undefined || defaultProvider === undefined) return;
  for (const { path, message } of validate('Canary', {
    ...canary,
    spec: { ...canary.spec, provider: defaultProvider },
  })) {
    yield { path, message: `${message}; the provider is ${defaultProvider} where none is named` };
  }
}

export function* builtInChecksAreThere({ spec }: Canary, { defaultProvider }: Cluster): Iterable<Finding> {
  const { provider = defaultProvider } = spec;
  if (provider === undefined || ABILITIES[provider].builtInChecks) return;
  const instead = spec.analysis === undefined ? 'write the query' : 'write a templateRef with the query';
  for (const [index, { query, templateRef }] of (analysisOf(spec).metrics ?? []).entries()) {
    if (query !== undefined || templateRef !== undefined) continue;
    const message = `is not built in for the provider ${provider}: ${instead}`;
    yield { path: `${analysisPath(spec)}.metrics[${index}].name`, message };
  }
}
