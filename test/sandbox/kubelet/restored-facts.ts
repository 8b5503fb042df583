import type { Attempt, ContainerFacts } from './container-facts.ts';
import { type ContainerStatus, type Pod, podContainers } from './pod.ts';
import { restarts } from './pod-plan.ts';

/**
 * What a kubelet makes of the containers of a pod that has run under one before it. None of them runs any more: each is
 * either done for good, or starts again and counts one more restart.
 */
export function restoredFacts(pod: Pod, now: number): ContainerFacts[] {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return podContainers(pod.spec).map(({ role, spec }) => {
    const status = statuses.find(({ name }) => name === spec.name);
    const attempt = status === undefined ? undefined : attemptOf(status, now);
    const exitCode = attempt?.exit?.exitCode;
    const done = role === 'regular' && exitCode !== undefined && !restarts(spec, exitCode, pod.spec);
    return {
      name: spec.name,
      role,
      ...(attempt === undefined ? {} : done ? { attempt } : { previous: attempt }),
      retryAt: 0,
      restartCount: status?.restartCount ?? 0,
      started: false,
      ready: false,
    };
  });
}

function attemptOf(status: ContainerStatus, now: number): Attempt | undefined {
  const { running } = status.state ?? {};
  const terminated = status.state?.terminated ?? status.lastState?.terminated;
  const startedAt = Date.parse(running?.startedAt ?? terminated?.startedAt ?? '');
  if (Number.isNaN(startedAt)) return undefined;
  const exit =
    running === undefined && terminated !== undefined
      ? {
          exitCode: terminated.exitCode,
          reason: terminated.reason ?? 'Error',
          ...(terminated.message === undefined ? {} : { message: terminated.message }),
          finishedAt: Date.parse(terminated.finishedAt ?? '') || now,
        }
      : { exitCode: 255, reason: 'Unknown', finishedAt: now };
  const id = (terminated?.containerID ?? status.containerID ?? '').replace(/^.*:\/\//, '');
  return { id, startedAt, image: status.image, imageID: status.imageID, exit };
}
