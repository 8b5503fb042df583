import { type FactsByName, isRunning } from './container-facts.ts';
import { type PodSpec, podContainers } from './pod.ts';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/**
 * The phase as the real kubelet counts it. `ended` says that no container will be started any more (the pod is being
 * deleted, has passed its deadline, or all are done): then a pod whose containers have all ended has failed or succeeded
 * whatever its restart policy.
 */
export function podPhase(spec: PodSpec, facts: FactsByName, ended: boolean): PodPhase {
  let initializing = false;
  let initFailed = false;
  let sidecarPending = false;
  let [waiting, running, stopped, succeeded] = [0, 0, 0, 0];
  let initialized = false;

  for (const { role, spec: container } of podContainers(spec)) {
    const own = facts.get(container.name);
    const exit = own?.attempt?.exit;
    switch (role) {
      case 'init':
        if (isRunning(own) || own?.attempt === undefined) initializing = true;
        else if (exit?.exitCode !== 0) initFailed = true;
        break;
      case 'sidecar':
        if (isRunning(own)) {
          running++;
          if (own?.started !== true) sidecarPending = true;
        } else if (own?.attempt === undefined) {
          waiting++;
          sidecarPending = true;
        }
        break;
      case 'regular':
        // A container whose last run was under another kubelet (`previous` alone) has stopped; it is not a new one.
        if (own?.attempt !== undefined || own?.previous !== undefined) initialized = true;
        if (isRunning(own)) running++;
        else if (exit === undefined && own?.previous === undefined) waiting++;
        else stopped++;
        if (exit?.exitCode === 0 && own?.waiting === undefined) succeeded++;
        break;
    }
  }

  if (initFailed && (spec.restartPolicy === 'Never' || ended)) return running > 0 ? 'Pending' : 'Failed';
  // Init containers that have not run this time do not matter to a pod that has been initialized before.
  if (!initialized && (initializing || initFailed || sidecarPending)) return 'Pending';
  if (waiting > 0) return 'Pending';
  if (running > 0) return 'Running';
  if (stopped === 0) return 'Pending';
  if (stopped === succeeded && (ended || spec.restartPolicy !== 'Always')) return 'Succeeded';
  if (ended || spec.restartPolicy === 'Never') return 'Failed';
  return 'Running';
}
