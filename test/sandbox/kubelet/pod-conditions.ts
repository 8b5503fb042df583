import type { ContainerStatus, PodCondition, PodSpec } from './pod.ts';
import type { PodPhase } from './pod-phase.ts';

/** A condition without its times and generation. */
export type Verdict = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

export interface ConditionInput {
  readonly spec: PodSpec;
  readonly phase: PodPhase;
  readonly initStatuses: readonly ContainerStatus[];
  readonly statuses: readonly ContainerStatus[];
  /** The pod has its address and, if it needs one, its network namespace. */
  readonly networkReady: boolean;
  /** All conditions of the pod, whoever wrote them: readiness gates look here. */
  readonly others: readonly PodCondition[];
}

/** The four conditions that a kubelet owns, by the rules of the real one. */
export function podConditions(input: ConditionInput): Verdict[] {
  const containersReady = containersReadyVerdict(input);
  return [
    { type: 'PodReadyToStartContainers', status: input.networkReady ? 'True' : 'False' },
    initializedVerdict(input),
    readyVerdict(input, containersReady),
    containersReady,
  ];
}

function initializedVerdict({ spec, phase, initStatuses, statuses }: ConditionInput): Verdict {
  const type = 'Initialized';
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  const hasRun = statuses.some(
    ({ started, state, lastState }) =>
      started === true ||
      state?.running !== undefined ||
      state?.terminated !== undefined ||
      lastState?.terminated !== undefined,
  );
  if (hasRun) return { type, status: 'True' };
  const incomplete = (spec.initContainers ?? []).filter(({ name, restartPolicy }) => {
    const status = initStatuses.find((candidate) => candidate.name === name);
    return restartPolicy === 'Always' ? status?.started !== true : status?.ready !== true;
  });
  if (incomplete.length === 0) return { type, status: 'True' };
  const message = `containers with incomplete status: ${list(incomplete)}`;
  return { type, status: 'False', reason: 'ContainersNotInitialized', message };
}

function containersReadyVerdict({ spec, phase, initStatuses, statuses }: ConditionInput): Verdict {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const unready = [...sidecars, ...spec.containers].filter(
    ({ name }) => [...initStatuses, ...statuses].find((status) => status.name === name)?.ready !== true,
  );
  if (unready.length === 0) return { type, status: 'True' };
  return {
    type,
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: ${list(unready)}`,
  };
}

function readyVerdict({ spec, others }: ConditionInput, containersReady: Verdict): Verdict {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' };
  const messages = (spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = others.find(({ type }) => type === conditionType);
    if (gate === undefined) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    if (gate.status === 'True') return [];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`];
  });
  if (messages.length === 0) return { type: 'Ready', status: 'True' };
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

function list(containers: readonly { readonly name: string }[]): string {
  return `[${containers.map(({ name }) => name).join(' ')}]`;
}
