import type { FactsByName } from './container-facts.ts';
import { containerStatus, isoSeconds } from './container-status.ts';
import { type Pod, type PodCondition, type PodStatus, podContainers, type RoledContainer } from './pod.ts';
import { podConditions } from './pod-conditions.ts';
import { podPhase } from './pod-phase.ts';

export interface PodFacts {
  readonly pod: Pod;
  readonly containers: FactsByName;
  readonly hostAddress: string;
  readonly podAddress: string | undefined;
  /** When this kubelet first saw the pod. */
  readonly startTime: number;
  readonly networkReady: boolean;
  /** No container will be started any more. */
  readonly ended: boolean;
  /** Why the kubelet itself has failed the pod: `DeadlineExceeded`. */
  readonly failure?: { readonly reason: string; readonly message: string } | undefined;
}

/**
 * The whole status that the facts amount to. Conditions keep the time of their last transition from `before`, the status
 * written last; conditions of other writers are not in the result (see `statusPatch`).
 */
export function podStatus(facts: PodFacts, before: PodStatus | undefined, now: number): PodStatus {
  const { pod, containers, hostAddress, podAddress, failure } = facts;
  const { spec } = pod;
  const all = podContainers(spec);
  const pending = (spec.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const statusOf = (container: RoledContainer) => {
    const own = containers.get(container.spec.name) ?? {
      name: container.spec.name,
      role: container.role,
      retryAt: 0,
      restartCount: 0,
      started: false,
      ready: false,
    };
    return containerStatus(container, own, pending);
  };
  const initStatuses = all.filter(({ role }) => role !== 'regular').map(statusOf);
  const statuses = all.filter(({ role }) => role === 'regular').map(statusOf);
  const finished = before?.phase === 'Failed' || before?.phase === 'Succeeded' ? before.phase : undefined;
  const ended = podPhase(spec, containers, facts.ended || failure !== undefined);
  // A pod past its deadline has failed at once, while its containers still end; and the last phase is final.
  const phase = finished ?? (failure === undefined ? ended : 'Failed');
  const generation = pod.metadata.generation;

  const conditions = podConditions({
    spec,
    phase,
    initStatuses,
    statuses,
    networkReady: facts.networkReady,
    others: pod.status?.conditions ?? [],
  }).map((verdict): PodCondition => {
    const old = before?.conditions?.find(({ type }) => type === verdict.type);
    return {
      type: verdict.type,
      status: verdict.status,
      ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
      ...(verdict.message === undefined ? {} : { message: verdict.message }),
      lastTransitionTime: (old?.status === verdict.status ? old.lastTransitionTime : undefined) ?? isoSeconds(now),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
  });

  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    ...failure,
    conditions,
    hostIP: hostAddress,
    hostIPs: [{ ip: hostAddress }],
    ...(podAddress === undefined ? {} : { podIP: podAddress, podIPs: [{ ip: podAddress }] }),
    startTime: before?.startTime ?? isoSeconds(facts.startTime),
    ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
    containerStatuses: statuses,
  };
}
