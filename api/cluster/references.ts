import { analysisOf } from '../analysis.ts';
import { autoscalerNames } from '../autoscaler-names.ts';
import type { Finding } from '../finding.ts';
import type { Canary, TargetRef } from '../generated/canary.ts';
import type { CanaryAction } from '../generated/canary-action.ts';
import { referredNamespace } from '../referred-namespace.ts';
import { HORIZONTAL_POD_AUTOSCALERS } from '../resources.ts';

/** Another object that an object names. */
export interface Reference {
  /** The field that names it. */
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

const OURS = 'flagger.app/v1beta1';

/** What a canary refers to and can do nothing without: its target and that one's autoscaler, templates and alert providers. */
export function referencesOfCanary({ metadata: { namespace }, spec }: Canary): readonly Reference[] {
  const references: Reference[] = [];
  if (spec.targetRef !== undefined) {
    references.push({ path: 'spec.targetRef', ...workloadOf(spec.targetRef), namespace, name: spec.targetRef.name });
  }
  const autoscaler = autoscalerNames(spec)?.target;
  if (autoscaler !== undefined) {
    // Of any version: they are one object.
    const { apiVersion, kind } = HORIZONTAL_POD_AUTOSCALERS;
    references.push({ path: 'spec.autoscalerRef', apiVersion, kind, namespace, name: autoscaler });
  }
  const { metrics = [], alerts = [] } = analysisOf(spec);
  const named = (reference: { readonly name: string; readonly namespace?: string }) => ({
    ...{ namespace: referredNamespace(reference, namespace), name: reference.name },
  });
  for (const [index, { templateRef }] of metrics.entries()) {
    if (templateRef === undefined) continue;
    const path = `spec.analysis.metrics[${index}].templateRef`;
    references.push({ path, apiVersion: OURS, kind: 'MetricTemplate', ...named(templateRef) });
  }
  for (const [index, { providerRef }] of alerts.entries()) {
    const path = `spec.analysis.alerts[${index}].providerRef`;
    references.push({ path, apiVersion: OURS, kind: 'AlertProvider', ...named(providerRef) });
  }
  return references;
}

export function referencesOfAction({ metadata: { namespace }, spec }: CanaryAction): readonly Reference[] {
  return [{ path: 'spec.canary', apiVersion: OURS, kind: 'Canary', namespace, name: spec.canary }];
}

/** A Deployment is read as of apps/v1, whatever group it is said to be of. */
function workloadOf({ apiVersion, kind }: TargetRef): Pick<Reference, 'apiVersion' | 'kind'> {
  if (kind !== 'Service') return { apiVersion: 'apps/v1', kind };
  return { apiVersion: apiVersion === 'core/v1' ? 'v1' : apiVersion, kind };
}

export function* missingReferences(missing: readonly Reference[]): Iterable<Finding> {
  for (const { path, kind, namespace, name } of missing) {
    yield { path, message: `there is no ${kind} ${namespace}/${name} yet` };
  }
}
