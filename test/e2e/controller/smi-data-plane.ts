import { HTTP_PROXY } from '../../../controller/router/contour.ts';
import type { Router } from '../../../controller/router/router.ts';
import { applyObject } from '../../../kube/apply.ts';
import { collectionPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { follow } from './release.ts';

interface TrafficSplit {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly service: string;
    readonly backends: readonly { readonly service: string; readonly weight: string | number }[];
  };
}

const PORT = 9898;

/**
 * Does what a mesh that reads SMI does, with Contour's Envoy for a proxy: of each TrafficSplit in a namespace it makes the
 * route for the host `SERVICE.NAMESPACE.test`, and changes the route's weights with the split's, in their order.
 *
 * As Crossover, and unlike our router, it takes nothing for a weight but a whole number.
 *
 * @param router whose version of TrafficSplit is read
 */
export function carryOutSplits(transport: Transport, namespace: string, { resources: [resource] }: Router) {
  if (resource === undefined) throw new TypeError('the router writes nothing');
  const stopped = new AbortController();
  let done: Promise<unknown> = Promise.resolve();
  const following = follow<TrafficSplit>(transport, collectionPath(resource, namespace), stopped.signal, (split) => {
    done = done.then(() => applyObject(proxyOf(split, namespace), { ...APPLYING, transport }));
    done.catch(() => stopped.abort());
  });
  following.catch(() => undefined);
  return {
    /** Ends it. @throws what it could not carry out */
    async stop(): Promise<void> {
      stopped.abort();
      await following;
      await done;
    },
  };
}

const APPLYING = { resource: HTTP_PROXY, fieldManager: 'smi-data-plane' };

function proxyOf({ metadata, spec }: TrafficSplit, namespace: string) {
  const services = spec.backends.map(({ service, weight }) => {
    if (!/^\d+$/.test(String(weight))) throw new RangeError(`a weight of ${weight}`);
    return { name: service, port: PORT, weight: Number(weight) };
  });
  return {
    metadata: { name: `${metadata.name}-split`, namespace },
    spec: { virtualhost: { fqdn: `${spec.service}.${namespace}.test` }, routes: [{ services }] },
  };
}
