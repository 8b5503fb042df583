// An action has the name of whoever asks in it, which the webhook fills in. While it is away the plugin does.
import { KubeError } from '../../kube/errors.ts';
import type { Cluster } from './cluster.ts';

const PATH = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
/** As manifests/policies/decisions.yaml words it. */
const REFUSAL = 'spec.requestedBy: the webhook that fills in your name is away';

/** Whether an action was refused because nobody has filled in who asks. */
export function lacksName(error: unknown): boolean {
  return error instanceof KubeError && error.status === 403 && error.message.includes(REFUSAL);
}

/** Returns who the caller is to the API server: `jane@example.com`, or a ServiceAccount's whole name. */
export async function ownName({ transport }: Pick<Cluster, 'transport'>, signal: AbortSignal): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const { status } = await transport.request<{ readonly status: { readonly userInfo: { readonly username: string } } }>(
    {
      ...{ method: 'POST', path: PATH, body, signal },
    },
  );
  return status.userInfo.username;
}
