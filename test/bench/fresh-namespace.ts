import { setTimeout as sleep } from 'node:timers/promises';
import { isNotFound } from '../../kube/errors.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import { kubectl } from '../e2e/kubectl.ts';

/** Requests of a benchmark itself that are under way at a time. */
export const AT_A_TIME = 50;

/** Does something in a namespace of its own, and returns once nothing is left of that, so that what comes next is alone. */
export async function inFreshNamespace<T>(
  server: Transport,
  namespace: string,
  work: (namespace: string) => Promise<T>,
): Promise<T> {
  await kubectl('create', 'namespace', namespace);
  try {
    return await work(namespace);
  } finally {
    await kubectl('delete', 'namespace', namespace, '--wait=false');
    while (await isThere(server, namespace)) await sleep(1000);
  }
}

async function isThere(server: Transport, namespace: string): Promise<boolean> {
  try {
    await server.request({ path: `/api/v1/namespaces/${namespace}` });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
