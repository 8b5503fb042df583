import { KubeError } from '../../../../kube/errors.ts';
import type { Transport } from '../../../../kube/transport/transport.ts';
import { pause } from '../pause.ts';
import type { Pod } from '../pod.ts';

export interface Token {
  readonly token: string;
  /** When to ask for the next one: after 80 % of its life, or after a day if that is sooner. */
  readonly refreshAt: number;
}

export interface TokenWish {
  readonly audience: string | undefined;
  readonly expirationSeconds: number;
}

interface TokenRequest {
  readonly status: { readonly token: string; readonly expirationTimestamp: string };
}

const DAY_MS = 24 * 60 * 60 * 1000;
const REFUSED_TRIES = 5;

/** A token of the pod's ServiceAccount that is bound to the pod: it is worth nothing once the pod is gone. */
export async function requestToken(
  transport: Transport,
  pod: Pod,
  wish: TokenWish,
  signal: AbortSignal,
): Promise<Token> {
  const { namespace, name, uid } = pod.metadata;
  const account = pod.spec.serviceAccountName ?? 'default';
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: wish.audience === undefined ? [] : [wish.audience],
      expirationSeconds: wish.expirationSeconds,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
    },
  };
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  for (let tries = 1; ; tries++) {
    try {
      const issuedAt = Date.now();
      const { status } = await transport.request<TokenRequest>({ method: 'POST', path, body, signal });
      const life = Date.parse(status.expirationTimestamp) - issuedAt;
      return { token: status.token, refreshAt: issuedAt + Math.min(life * 0.8, DAY_MS) };
    } catch (error) {
      // The authorizer learns that the pod is ours a moment after we do.
      if (!(error instanceof KubeError && error.status === 403 && tries < REFUSED_TRIES) || signal.aborted) throw error;
      await pause(200 * tries, signal);
    }
  }
}
