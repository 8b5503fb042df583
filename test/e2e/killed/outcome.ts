import type { CanaryStatus } from '../../../api/generated/canary.ts';
import {
  CANARIES,
  CANARY_ACTIONS,
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  DEPLOYMENTS,
  SERVICES,
} from '../../../api/resources.ts';
import { HTTP_PROXY } from '../../../controller/router/contour.ts';
import { collectionPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { withoutTraces } from './what-is-written.ts';

interface Thing {
  readonly metadata: {
    readonly name: string;
    readonly labels?: object;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
  readonly status?: object;
}

/** What an API server gives a Service by itself. */
const ASSIGNED = ['clusterIP', 'clusterIPs'];
/** Made by Kubernetes in each namespace. */
const NOT_OURS = 'kube-root-ca.crt';

/** All objects of a release as they are in the end: the same text for each run that ended alike. */
export async function outcomeOf(server: Transport, namespace: string): Promise<Readonly<Record<string, unknown>>> {
  const outcome: Record<string, unknown> = {};
  for (const resource of [
    DEPLOYMENTS,
    SERVICES,
    HTTP_PROXY,
    CONTROLLER_REVISIONS,
    CONFIG_MAPS,
    CANARY_ACTIONS,
    CANARIES,
  ]) {
    const { items } = await server.request<{ items: readonly Thing[] }>({ path: collectionPath(resource, namespace) });
    for (const { metadata, spec = {}, data, status } of items.filter((each) => each.metadata.name !== NOT_OURS)) {
      const { name, labels, finalizers, ownerReferences = [] } = metadata;
      const thing = {
        ...{ labels, finalizers, data },
        spec: Object.fromEntries(Object.entries(spec).filter(([key]) => !ASSIGNED.includes(key))),
        owners: ownerReferences.map((owner) => `${owner.kind} ${owner.name}`).toSorted(),
        ...(resource === CANARIES && { status: resultOf(status ?? {}) }),
        ...(resource === CANARY_ACTIONS && { status }),
      };
      outcome[`${resource.kind} ${String(withoutTraces(name, namespace))}`] = JSON.parse(
        JSON.stringify(withoutTraces(thing, namespace)),
      ) as unknown;
    }
  }
  return outcome;
}

/** Without what was measured, and when. */
function resultOf(status: CanaryStatus): object {
  const { phase, step, desiredWeight, actualWeight, failedChecks, lastAppliedSpec, lastPromotedSpec, ending } = status;
  const { waitingFor, failure, approvals, decisions, history = [], conditions = [] } = status;
  return {
    ...{ phase, step, desiredWeight, actualWeight, failedChecks, lastAppliedSpec, lastPromotedSpec, ending },
    ...{ waitingFor, approvals, decisions, failure: failure?.reason },
    history: history.map(({ revision, result, reason, weight }) => ({ revision, result, reason, weight })),
    conditions: conditions.map(({ type, status: is, reason }) => ({ type, is, reason })),
  };
}
