import { type Attempt, type ContainerFacts, isRunning } from './container-facts.ts';
import type { Container, ContainerStatus, RoledContainer } from './pod.ts';

/** One entry of `containerStatuses`, as the real kubelet writes it. */
export function containerStatus(
  { role, spec }: RoledContainer,
  facts: ContainerFacts,
  pending: string,
): ContainerStatus {
  const { attempt, previous, waiting } = facts;
  const running = isRunning(facts);
  const terminated = attempt?.exit !== undefined && waiting === undefined;
  const succeeded = role === 'init' && terminated && attempt.exit.exitCode === 0;
  const last = waiting !== undefined && attempt?.exit !== undefined ? attempt : previous;
  return {
    name: spec.name,
    image: attempt?.image ?? spec.image ?? '',
    imageID: attempt?.imageID ?? '',
    ...(attempt === undefined ? {} : { containerID: containerID(attempt) }),
    restartCount: facts.restartCount,
    ready: role === 'init' ? succeeded : facts.ready && running,
    started: facts.started && running,
    state:
      running && attempt !== undefined
        ? { running: { startedAt: isoSeconds(attempt.startedAt) } }
        : terminated
          ? { terminated: terminatedState(attempt) }
          : { waiting: waiting ?? { reason: pending } },
    lastState: last?.exit === undefined ? {} : { terminated: terminatedState(last) },
    ...resourcesOf(spec),
    ...(spec.volumeMounts === undefined ? {} : { volumeMounts: mountStatuses(spec) }),
  };
}

function terminatedState(attempt: Attempt) {
  const { exit } = attempt;
  return {
    exitCode: exit?.exitCode ?? 0,
    reason: exit?.reason ?? 'Unknown',
    ...(exit?.message === undefined ? {} : { message: exit.message }),
    startedAt: isoSeconds(attempt.startedAt),
    finishedAt: isoSeconds(exit?.finishedAt ?? attempt.startedAt),
    containerID: containerID(attempt),
  };
}

/** Limits are not enforced here, so that what was asked for is at once what is in force. */
function resourcesOf(spec: Container): Pick<ContainerStatus, 'allocatedResources' | 'resources'> {
  const { requests, limits } = spec.resources ?? {};
  return {
    ...(requests === undefined ? {} : { allocatedResources: requests }),
    resources: { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) },
  };
}

function mountStatuses(spec: Container): NonNullable<ContainerStatus['volumeMounts']> {
  return (spec.volumeMounts ?? []).map(({ name, mountPath, readOnly }) => ({
    name,
    mountPath,
    ...(readOnly === true ? { readOnly: true, recursiveReadOnly: 'Disabled' } : {}),
  }));
}

function containerID(attempt: Attempt): string {
  return `process://${attempt.id}`;
}

/** Kubernetes' times have whole seconds. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
