import { CANARIES } from '../../api/resources.ts';
import { isNotFound, KubeError } from '../../kube/errors.ts';
import { collectionPath, objectPath } from '../../kube/resource.ts';
import type { SeenRelease, Workload } from '../view/seen-release.ts';
import { EVENTS, type EventObject, eventsOfCanary, eventsQuery, toldEvent } from './canary-events.ts';
import type { Cluster } from './cluster.ts';
import { isAtPersonalGate, mayOpenGates } from './may-open-gates.ts';
import type { ReadCanary } from './read-canaries.ts';
import { releaseWorkloads } from './release-workloads.ts';
import { type WorkloadObject, workloadOf } from './workload-object.ts';

/**
 * All that is shown of one release, in two rounds of at most two requests each, and two more at a gate that a person opens.
 * What may not be read but the canary itself is said in `unread`.
 *
 * @throws {KubeError} 404 where there is no such canary
 */
export async function readRelease(cluster: Cluster, name: string, signal: AbortSignal): Promise<SeenRelease> {
  const { transport, namespace } = cluster;
  const unread: string[] = [];
  const [canary, events] = await Promise.all([
    transport.request<ReadCanary>({ path: objectPath(CANARIES, { namespace, name }), signal }),
    readEvents(cluster, name, signal).catch((error: unknown) => noted(unread, 'the events', error, [])),
  ]);
  const [workloads, mayOpen] = await Promise.all([
    Promise.all(
      releaseWorkloads(canary.spec).map(async ({ resource, ...workload }): Promise<Workload> => {
        const path = objectPath(resource, { namespace, name: workload.name });
        try {
          return workloadOf(workload, await transport.request<WorkloadObject>({ path, signal }));
        } catch (error) {
          const what = `${workload.kind} ${workload.name}`;
          const gone = workloadOf(workload, undefined);
          return isNotFound(error) ? gone : noted(unread, what, error, { ...gone, isUnread: true });
        }
      }),
    ),
    isAtPersonalGate(canary) ? mayOpenGates(cluster, canary.metadata.name, signal) : undefined,
  ]);
  return {
    ...{ canary, workloads, unread },
    events: eventsOfCanary(events, canary.metadata.uid).map(toldEvent),
    ...(mayOpen !== undefined && { mayOpenGates: mayOpen }),
  };
}

export async function readEvents(
  { transport, namespace }: Cluster,
  name: string,
  signal: AbortSignal,
): Promise<readonly EventObject[]> {
  const path = collectionPath(EVENTS, namespace);
  const { items } = await transport.request<{ readonly items?: readonly EventObject[] }>({
    ...{ path, signal, query: eventsQuery(name) },
  });
  return items ?? [];
}

/** Only what the API server refuses is passed over: an API server that does not answer has nothing to show. */
function noted<T>(unread: string[], what: string, error: unknown, instead: T): T {
  if (!(error instanceof KubeError) || error.status === 0) throw error;
  unread.push(unreadText(what, error));
  return instead;
}

/** `the events could not be read: events.events.k8s.io is forbidden: ...`. */
export function unreadText(what: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${what} could not be read: ${message.replace(/^[A-Z]+ \S+: \d+ ?/, '')}`;
}
