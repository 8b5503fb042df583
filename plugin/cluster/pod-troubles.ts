import type { Canary } from '../../api/generated/canary.ts';
import { collectionPath, objectPath, type Resource } from '../../kube/resource.ts';
import type { Workload } from '../view/seen-release.ts';
import type { Cluster } from './cluster.ts';
import { unreadText } from './read-release.ts';
import { releaseWorkloads } from './release-workloads.ts';

const PODS: Resource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

interface Selecting {
  readonly spec: { readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> } };
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** Whose pods are waited for, or were waited for too long. */
const SIDES: Readonly<Record<string, Workload['role']>> = {
  CanaryReady: 'target',
  CanaryDeadlineExceeded: 'target',
  ProgressDeadlineExceeded: 'target',
  PrimaryReady: 'primary',
  PrimaryNotReady: 'primary',
};
/** They say the same of one image, many times. */
const MAX_TROUBLES = 3;

/** Why the pods that a release waits for are not ready, as they say it, each reason once; nothing when it waits for none. */
export async function podTroubles(
  { transport, namespace }: Cluster,
  { spec, status = {} }: Canary,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const reason = status.phase === 'Failed' ? status.failure?.reason : status.waitingFor?.reason;
  const workload = releaseWorkloads(spec).find(({ role }) => role === SIDES[reason ?? '']);
  if (workload === undefined) return [];
  try {
    const path = objectPath(workload.resource, { namespace, name: workload.name });
    const { spec: shape } = await transport.request<Selecting>({ path, signal });
    const labels = Object.entries(shape.selector?.matchLabels ?? {});
    if (labels.length === 0) return [];
    const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
    const { items } = await transport.request<{ readonly items: readonly Pod[] }>({
      ...{ path: collectionPath(PODS, namespace), query: { labelSelector }, signal },
    });
    const alive = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return [...new Set(alive.flatMap(troublesOf))].slice(0, MAX_TROUBLES);
  } catch (error) {
    return [unreadText(`the pods of ${workload.kind} ${workload.name}`, error)];
  }
}

function troublesOf({ status = {} }: Pod): readonly string[] {
  const { conditions = [], containerStatuses = [], initContainerStatuses = [] } = status;
  const unscheduled = conditions.filter(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  const waiting = [...initContainerStatuses, ...containerStatuses].flatMap(({ name, state }) => {
    const { reason = '', message = '' } = state?.waiting ?? {};
    return reason === '' ? [] : [`container ${name}: ${reason}${message === '' ? '' : `: ${message}`}`];
  });
  return [...unscheduled.map(({ message = '' }) => `not scheduled: ${message}`), ...waiting];
}
