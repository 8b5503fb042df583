import type { Canary } from '../api/generated/canary.ts';
import type { KubeObject } from '../kube/object.ts';

type Spec = Canary['spec'];
type AnyAnalysis = NonNullable<Spec['analysis'] | Spec['canaryAnalysis']>;

/**
 * Keeps of a canary what other objects are judged by: what it owns, whether a run is on, what the primary runs, and how many
 * pods a release gets. Its routes, queries, payloads of hooks and annotations are most of it, and whatever size its author
 * gives them.
 */
export function canaryRecord<T extends Canary & KubeObject>(canary: T): T {
  const { namespace, name, uid, resourceVersion, deletionTimestamp } = canary.metadata;
  const metadata = {
    namespace,
    name,
    uid,
    resourceVersion,
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
  };
  const { phase, ending, lastPromotedSpec, scaler } = canary.status ?? {};
  const status = { phase, ending, lastPromotedSpec, ...(scaler !== undefined && { scaler }) };
  return { metadata, spec: specOf(canary.spec), status } as unknown as T;
}

function specOf({ service, analysis, canaryAnalysis, ...rest }: Spec): object {
  return {
    ...rest,
    ...(service !== undefined && { service: { ...(service.name !== undefined && { name: service.name }) } }),
    ...(analysis !== undefined && { analysis: gatesOf(analysis) }),
    ...(canaryAnalysis !== undefined && { canaryAnalysis: gatesOf(canaryAnalysis) }),
  };
}

/** One that another definition let in may have anything here. */
function gatesOf({ webhooks }: AnyAnalysis): object {
  if (!Array.isArray(webhooks)) return {};
  const known: NonNullable<AnyAnalysis['webhooks']> = webhooks;
  return { webhooks: known.map(({ name, type }) => ({ name, type })) };
}
