import { canaryWarnings } from '../canary-warnings.ts';
import { withDefaults } from '../defaults.ts';
import type { Finding } from '../finding.ts';
import type { AlertProvider } from '../generated/alert-provider.ts';
import type { Canary } from '../generated/canary.ts';
import type { MetricTemplate } from '../generated/metric-template.ts';
import type { Kind } from '../generated/schemas.ts';
import { alertProviderHidesSecrets, canaryHidesSecrets, templateHidesSecrets } from '../readable-secrets.ts';
import { validate } from '../validate.ts';
import { canaryIsAsSmallAsItSays } from './canary-floor.ts';
import type { Cluster, ClusterRule } from './cluster.ts';
import { staysInItsNamespace } from './cross-namespace.ts';
import { builtInChecksAreThere, defaultProviderFits } from './default-provider.ts';
import { ownsItsObjects } from './one-owner.ts';
import {
  intervalCoversScrapes,
  queriesCanBeRead,
  templateCanBeRead,
  templatesGetTheirVariables,
  valuesFitTheirPlaces,
} from './queries.ts';
import { missingReferences } from './references.ts';

/** Errors are refused; warnings are shown, and done as they stand. */
export interface Findings {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

const CANARY_RULES: readonly ClusterRule<Canary>[] = [
  ownsItsObjects,
  staysInItsNamespace,
  defaultProviderFits,
  builtInChecksAreThere,
  queriesCanBeRead,
  templatesGetTheirVariables,
];

/**
 * All that can be known of an object when it is applied: what `validate` finds in it by itself, and, where that is nothing,
 * what is wrong beside what else there is.
 */
export function validateInCluster(kind: Kind, object: unknown, cluster: Cluster): Findings {
  const errors = validate(kind, object);
  if (errors.length > 0) return { errors, warnings: [] };
  const whole = withDefaults(kind, object);
  const missing = [...missingReferences(cluster.missing)];
  switch (kind) {
    case 'Canary': {
      const canary = whole as Canary;
      return {
        errors: CANARY_RULES.flatMap((rule) => [...rule(canary, cluster)]),
        warnings: [
          ...canaryWarnings.flatMap((rule) => [...rule(canary)]),
          ...canaryHidesSecrets(canary),
          ...missing,
          ...intervalCoversScrapes(canary, cluster),
          ...valuesFitTheirPlaces(canary, cluster),
          ...canaryIsAsSmallAsItSays(canary, cluster),
        ],
      };
    }
    case 'MetricTemplate':
      return {
        errors: [...templateCanBeRead(whole as MetricTemplate)],
        warnings: [...templateHidesSecrets(whole as MetricTemplate), ...missing],
      };
    case 'AlertProvider':
      return { errors: [], warnings: [...alertProviderHidesSecrets(whole as AlertProvider), ...missing] };
    case 'CanaryAction':
      return { errors: [], warnings: missing };
  }
}
