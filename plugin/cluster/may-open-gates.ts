import type { Canary } from '../../api/generated/canary.ts';
import { CANARIES, CANARY_ACTIONS } from '../../api/resources.ts';
import type { Cluster } from './cluster.ts';

const PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const [GROUP] = CANARY_ACTIONS.apiVersion.split('/');

/**
 * Whether the caller may open the gates of a canary: write actions, and approve that canary. Whoever changed the target may
 * be kept from it by the gate itself. `undefined` where nobody can say.
 */
export async function mayOpenGates(
  { transport, namespace }: Cluster,
  name: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const may = async (attributes: { readonly verb: string; readonly resource: string; readonly name?: string }) => {
    const spec = { resourceAttributes: { namespace, group: GROUP, ...attributes } };
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
    const { status } = await transport.request<{ readonly status?: { readonly allowed?: boolean } }>({
      ...{ method: 'POST', path: PATH, body, signal },
    });
    return status?.allowed === true;
  };
  try {
    const answers = await Promise.all([
      may({ verb: 'create', resource: CANARY_ACTIONS.plural }),
      may({ verb: 'approve', resource: CANARIES.plural, name }),
    ]);
    return answers.every((isAllowed) => isAllowed);
  } catch {
    // What is shown does not depend on it.
    return undefined;
  }
}

/** A gate without a URL that somebody has to open now. */
export function isAtPersonalGate({ status }: Canary): boolean {
  return status?.waitingFor?.reason === 'Approval';
}
