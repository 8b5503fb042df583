import type { Canary } from '../../api/generated/canary.ts';
import { CANARY_ACTIONS } from '../../api/resources.ts';
import type { Cluster } from './cluster.ts';

const PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const [GROUP] = CANARY_ACTIONS.apiVersion.split('/');

/** Whether the caller may write actions in this namespace, which is what opening a gate takes; `undefined` where nobody can say. */
export async function mayOpenGates(
  { transport, namespace }: Cluster,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const resourceAttributes = { namespace, verb: 'create', group: GROUP, resource: CANARY_ACTIONS.plural };
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
  try {
    const { status } = await transport.request<{ readonly status?: { readonly allowed?: boolean } }>({
      ...{ method: 'POST', path: PATH, body, signal },
    });
    return status?.allowed;
  } catch {
    // What is shown does not depend on it.
    return undefined;
  }
}

/** A gate without a URL that somebody has to open now. */
export function isAtPersonalGate({ status }: Canary): boolean {
  return status?.waitingFor?.reason === 'Approval';
}
