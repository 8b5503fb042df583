import { isConflict, isNotFound, KubeError } from '../../../kube/errors.ts';
import type { KubeRequest, Transport } from '../../../kube/transport/transport.ts';
import { eventually } from '../../e2e/eventually.ts';

/** An API server that is killed is back in seconds; on a machine that does all else as well it may take longer. */
const BACK_MS = 180_000;

/** A request that is made again until there is an answer: the API server may be away. What it refuses is thrown. */
export async function persistently<T>(transport: Transport, request: KubeRequest): Promise<T> {
  const answer = await eventually(async () => {
    try {
      return { body: await transport.request<T>(request) };
    } catch (error) {
      // What was made in a try that lost its answer.
      if (request.method === 'POST' && error instanceof KubeError && error.reason === 'AlreadyExists') return { error };
      if (isNotFound(error) || (error instanceof KubeError && [400, 403, 422].includes(error.status))) return { error };
      throw error;
    }
  }, BACK_MS);
  if ('body' in answer) return answer.body;
  throw answer.error;
}

/** As `persistently`, for an object that may have been made already, or be gone: then nothing is wrong. */
export async function unlessItIsSo(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
