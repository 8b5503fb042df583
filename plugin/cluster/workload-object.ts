import { revisionOf } from '../../api/revision.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Workload } from '../view/seen-release.ts';

/** As much of a Deployment or DaemonSet as is shown. */
export interface WorkloadObject extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly name: string; readonly image?: string }[] };
    };
  };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
    readonly updatedNumberScheduled?: number;
  };
}

/** What is shown of a workload; of one that is not there, that it is not. */
export function workloadOf(
  { role, kind, name }: Pick<Workload, 'role' | 'kind' | 'name'>,
  object: WorkloadObject | undefined,
): Workload {
  if (object === undefined) return { role, kind, name, images: {} };
  const { spec, status = {} } = object;
  const isDaemonSet = kind === 'DaemonSet';
  const pods = isDaemonSet
    ? {
        wanted: status.desiredNumberScheduled ?? 0,
        ready: status.numberReady ?? 0,
        updated: status.updatedNumberScheduled ?? 0,
      }
    : { wanted: spec.replicas ?? 1, ready: status.readyReplicas ?? 0, updated: status.updatedReplicas ?? 0 };
  const images = spec.template.spec.containers.map(({ name: container, image = '' }) => [container, image] as const);
  return {
    ...{ role, kind, name, pods, images: Object.fromEntries(images) },
    templateRevision: revisionOf(spec.template),
  };
}
