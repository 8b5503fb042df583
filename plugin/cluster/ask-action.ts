import type { CanaryAction } from '../../api/generated/canary-action.ts';
import { CANARY_ACTIONS } from '../../api/resources.ts';
import type { KubeObject } from '../../kube/object.ts';
import { collectionPath } from '../../kube/resource.ts';
import type { Cluster } from './cluster.ts';

/** What is asked for, before the API server has it. */
export type ActionManifest = Pick<CanaryAction, 'apiVersion' | 'kind' | 'spec'> & {
  readonly metadata: Pick<CanaryAction['metadata'], 'name' | 'namespace'>;
};

export type StoredAction = CanaryAction & KubeObject;

/**
 * Asks for it.
 *
 * @param dryRun it is looked at by the API server, and not kept
 * @throws {KubeError} where it is refused, or it is not known whether it was taken
 */
export async function createAction(
  { transport }: Cluster,
  action: ActionManifest,
  {
    fieldManager,
    dryRun,
    signal,
  }: { readonly fieldManager: string; readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<StoredAction> {
  const path = collectionPath(CANARY_ACTIONS, action.metadata.namespace);
  const query = { fieldManager, ...(dryRun && { dryRun: 'All' }) };
  return transport.request<StoredAction>({ method: 'POST', path, query, body: action, signal });
}

/** Whether the controller has said what became of it. */
export function isAnswered({ status }: StoredAction): boolean {
  return (status?.phase ?? '') !== '';
}
