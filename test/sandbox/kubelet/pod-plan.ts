import { type ContainerFacts, type FactsByName, isRunning } from './container-facts.ts';
import { type Container, type PodSpec, podContainers } from './pod.ts';

export type PodAction =
  | { readonly do: 'start'; readonly container: string }
  /** Every container has ended for good, or an init container has failed for good. */
  | { readonly do: 'finish' };

export interface PodPlan {
  readonly actions: readonly PodAction[];
  /** When to plan again though nothing has happened: the end of the earliest back-off. */
  readonly wakeAt: number | undefined;
}

/**
 * What to do next for a pod that is to run. Init containers start one after another, each when the one before has
 * succeeded (a sidecar: when it has started); then all others start in their order. Once one of those has run, init
 * containers are history, but sidecars are still restarted, until the last regular container has ended.
 */
export function planPod(spec: PodSpec, facts: FactsByName, now: number): PodPlan {
  const containers = podContainers(spec);
  const regular = containers.filter(({ role }) => role === 'regular');
  const initialized = regular.some((container) => facts.get(container.spec.name)?.attempt !== undefined);
  if (initialized && regular.every(({ spec: container }) => isDone(container, facts.get(container.name), spec))) {
    return { actions: [{ do: 'finish' }], wakeAt: undefined };
  }

  const actions: PodAction[] = [];
  let wakeAt: number | undefined;
  const startWhenDue = (name: string): void => {
    const retryAt = facts.get(name)?.retryAt ?? 0;
    if (retryAt <= now) actions.push({ do: 'start', container: name });
    else wakeAt = Math.min(wakeAt ?? retryAt, retryAt);
  };

  for (const { role, spec: container } of containers) {
    const own = facts.get(container.name);
    switch (role) {
      case 'init':
        if (initialized || own?.attempt?.exit?.exitCode === 0) break;
        if (isRunning(own)) return { actions, wakeAt };
        if (isDone(container, own, spec)) return { actions: [{ do: 'finish' }], wakeAt: undefined };
        startWhenDue(container.name);
        return { actions, wakeAt };
      case 'sidecar':
        if (!isRunning(own)) startWhenDue(container.name);
        if (!initialized && !(isRunning(own) && own?.started === true)) return { actions, wakeAt };
        break;
      case 'regular':
        if (!isRunning(own) && !isDone(container, own, spec)) startWhenDue(container.name);
        break;
    }
  }
  return { actions, wakeAt };
}

/** Whether a container that has ended is to run again, by its own restart policy or the pod's. */
export function restarts(container: Container, exitCode: number, spec: PodSpec): boolean {
  for (const { action, exitCodes } of container.restartPolicyRules ?? []) {
    const listed = exitCodes?.values?.includes(exitCode) ?? false;
    if (action === 'Restart' && (exitCodes?.operator === 'NotIn' ? !listed : listed)) return true;
  }
  const policy = container.restartPolicy ?? spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function isDone(container: Container, facts: ContainerFacts | undefined, spec: PodSpec): boolean {
  const exit = facts?.attempt?.exit;
  if (exit === undefined) return false;
  return !restarts(container, exit.exitCode, spec);
}
