import { KubeError } from '../../kube/errors.ts';
import type { KubeRequest, Transport } from '../../kube/transport/transport.ts';
import type { CheckLine } from './check-line.ts';
import { fail, skip } from './check-line.ts';

/** What a request came to. Whoever may not ask does not learn whether there is anything. */
export type Answer<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'forbidden' };

/** @throws {KubeError} for all other failures */
export async function ask<T>(transport: Transport, request: KubeRequest): Promise<Answer<T>> {
  try {
    return { kind: 'found', value: await transport.request<T>(request) };
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return { kind: 'missing' };
    if (error instanceof KubeError && error.status === 403) return { kind: 'forbidden' };
    throw error;
  }
}

/**
 * The lines of one look; where it fails itself, a line that says so, as the others still say something.
 *
 * @throws {KubeError} with status 0, as nothing else can be asked then either
 */
export async function looked(name: string, look: () => Promise<readonly CheckLine[]>): Promise<readonly CheckLine[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof KubeError) || error.status === 0) throw error;
    return [error.status === 403 ? notAsked(name, 'read it') : fail(name, error.message)];
  }
}

/** @param what of which the caller has no right to, such as `read Secrets` */
export function notAsked(name: string, what: string): CheckLine {
  return skip(name, `not asked: you may not ${what}`);
}
