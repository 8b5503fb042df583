// A Lease in the hands of a test that knows who is alive: it need not run out for the next one to take it.
import { isConflict, isNotFound } from '../../../kube/errors.ts';
import { LEASES, type Lease, released } from '../../../kube/leader-election/lease.ts';
import { collectionPath, objectPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';

/**
 * Gives the Lease up in the name of a holder that is dead for certain, as it would have done itself had it been told to end.
 * Where there is none it is made as one that was given up, as a first start of all waits a whole lease too.
 */
export async function freeLease(server: Transport, namespace: string, name: string): Promise<void> {
  const path = objectPath(LEASES, { namespace, name });
  for (;;) {
    try {
      const lease = await server.request<Lease>({ path });
      const spec = released(lease.spec ?? {}, new Date());
      await server.request({ method: 'PUT', path, body: { ...lease, spec } });
      return;
    } catch (error) {
      if (isNotFound(error)) {
        const spec = { ...released({}, new Date()), leaseTransitions: 1 };
        const body = { metadata: { name }, spec };
        await server.request({ method: 'POST', path: collectionPath(LEASES, namespace), body });
        return;
      }
      // The last renewal of the dead was still on its way.
      if (!isConflict(error)) throw error;
    }
  }
}
