import type { CanaryAction } from '../../api/generated/canary-action.ts';
import { CANARY_ACTIONS } from '../../api/resources.ts';
import type { KubeObject } from '../../kube/object.ts';
import { collectionPath } from '../../kube/resource.ts';
import type { Cluster } from './cluster.ts';
import { lacksName, ownName } from './own-name.ts';

/** What is asked for, before the API server has it. */
export type ActionManifest = Pick<CanaryAction, 'apiVersion' | 'kind' | 'spec'> & {
  readonly metadata: Pick<CanaryAction['metadata'], 'name' | 'namespace'>;
};

export type StoredAction = CanaryAction & KubeObject;

/**
 * Asks for it; in the caller's own name where the webhook, which fills it in, is away.
 *
 * @param dryRun it is looked at by the API server, and not kept
 * @throws {KubeError} where it is refused, or it is not known whether it was taken
 */
export async function createAction(
  cluster: Pick<Cluster, 'transport'>,
  action: ActionManifest,
  {
    fieldManager,
    dryRun,
    signal,
  }: { readonly fieldManager: string; readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<StoredAction> {
  const path = collectionPath(CANARY_ACTIONS, action.metadata.namespace);
  const query = { fieldManager, ...(dryRun && { dryRun: 'All' }) };
  const create = (body: ActionManifest) =>
    cluster.transport.request<StoredAction>({ method: 'POST', path, query, body, signal });
  try {
    return await create(action);
  } catch (error) {
    if (!lacksName(error)) throw error;
    return create({ ...action, spec: { ...action.spec, requestedBy: await ownName(cluster, signal) } });
  }
}

/** Whether the controller has said what became of it. */
export function isAnswered({ status }: StoredAction): boolean {
  return (status?.phase ?? '') !== '';
}
