import { formatDuration } from '../../api/duration.ts';

/** What a Deployment says of itself, in its spec and in its status. */
export interface DeploymentFacts {
  readonly name: string;
  readonly namespace: string;
  /** Of the spec as it is. */
  readonly generation: number;
  /** Of the spec that the rest of the status is about. */
  readonly observedGeneration: number;
  /** Pods that are wanted. */
  readonly replicas: number;
  /** Pods that there are, of the newest template and of older ones. */
  readonly statusReplicas: number;
  readonly updatedReplicas: number;
  readonly availableReplicas: number;
  readonly conditions: readonly DeploymentCondition[];
  /** Of the Service by which a gateway finds its pods, those that are listed as ready; undefined where that is not ours. */
  readonly endpoints?: { readonly service: string; readonly ready: number };
}

/** `apps/v1` DeploymentCondition; the times are RFC 3339. */
export interface DeploymentCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** When the controller last saw progress, for the condition `Progressing`. */
  readonly lastUpdateTime: string;
  readonly lastTransitionTime: string;
}

export interface ReadinessOptions {
  /** Percent of the updated pods that have to be available, 0 to 100. */
  readonly thresholdPercent: number;
  /** The time of day, in milliseconds since 1970, as are all times here. */
  readonly now: number;
  /** How long there may be no progress. */
  readonly deadlineMs: number;
  /** When pods were first waited for: what happened before is not counted. */
  readonly since: number;
  /** Whether pods have to be there: then a Deployment that wants none is not ready. @default false */
  readonly running?: boolean;
}

export type Readiness =
  | { readonly kind: 'ready' }
  /** It fails at `stalledSinceMs + deadlineMs` unless something moves. */
  | { readonly kind: 'progressing'; readonly message: string; readonly stalledSinceMs: number }
  | {
      readonly kind: 'failed';
      /** Whose deadline: the Deployment's own `progressDeadlineSeconds`, as Kubernetes calls it, or the canary's. */
      readonly reason: 'ProgressDeadlineExceeded' | 'CanaryDeadlineExceeded';
      readonly message: string;
    };

/**
 * Whether the pods of a Deployment are all of its newest template, and enough of them available.
 *
 * Ready goes before failed: with a threshold below 100 the Deployment's own deadline passes while all that was asked for is
 * there.
 */
export function readiness(facts: DeploymentFacts, options: ReadinessOptions): Readiness {
  const missing = whatIsMissing(facts, options);
  if (missing === undefined) return { kind: 'ready' };

  const rollout = `${facts.name}.${facts.namespace} rollout`;
  const why = refusalOfPods(facts);
  if (deploymentGaveUp(facts)) {
    const message = `${rollout} exceeded the progressDeadlineSeconds of its Deployment: ${missing}${why}`;
    return { kind: 'failed', reason: 'ProgressDeadlineExceeded', message };
  }
  const stalledSinceMs = lastProgressMs(facts, options.since);
  if (options.now - stalledSinceMs >= options.deadlineMs) {
    const message = `${rollout} made no progress in ${formatDuration(options.deadlineMs)}: ${missing}${why}`;
    return { kind: 'failed', reason: 'CanaryDeadlineExceeded', message };
  }
  return { kind: 'progressing', message: `Waiting for ${rollout} to finish: ${missing}${why}`, stalledSinceMs };
}

/** Why pods are not even made, such as a quota or a policy that refuses them. */
function refusalOfPods({ conditions }: DeploymentFacts): string {
  const failure = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  return failure === undefined ? '' : `; ${failure.message}`;
}

function whatIsMissing(facts: DeploymentFacts, options: ReadinessOptions): string | undefined {
  const { thresholdPercent, running = false } = options;
  const { generation, observedGeneration, replicas, statusReplicas, updatedReplicas, availableReplicas } = facts;
  // Until then the numbers are those of an older spec, and would pass for this one's.
  if (observedGeneration < generation) return `generation ${generation} has not been observed`;
  if (replicas === 0 && running) return 'it is scaled to zero';
  if (updatedReplicas < replicas) return `${updatedReplicas} out of ${replicas} new replicas have been updated`;
  if (statusReplicas > updatedReplicas) {
    return `${statusReplicas - updatedReplicas} old replicas are pending termination`;
  }
  if (availableReplicas < enough(replicas, updatedReplicas, thresholdPercent)) {
    return `${availableReplicas} of ${updatedReplicas} updated replicas are available`;
  }
  // Another controller lists them, and the gateway answers with errors until it has.
  if (thresholdPercent > 0 && facts.endpoints?.ready === 0) {
    return `the Service ${facts.endpoints.service} has no endpoint that is ready`;
  }
  return undefined;
}

/** 50 percent of 3 pods is 1, and of 1 pod is 1 too: of a threshold above 0 something is always left to serve. */
export function enough(replicas: number, updatedReplicas: number, thresholdPercent: number): number {
  const share = Math.floor((updatedReplicas * thresholdPercent) / 100);
  return replicas > 0 && thresholdPercent > 0 ? Math.max(1, share) : share;
}

/** Only of the spec as it is: a rollout that gave up is still said to have done so when the next one has just begun. */
function deploymentGaveUp({ generation, observedGeneration, conditions }: DeploymentFacts): boolean {
  if (observedGeneration < generation) return false;
  return conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded');
}

/** Pods that become unavailable get the deadline anew, as do those that were waited for only now. */
function lastProgressMs({ conditions }: DeploymentFacts, since: number): number {
  const times = conditions.flatMap(({ type, status, lastUpdateTime, lastTransitionTime }) => {
    if (type === 'Progressing') return [Date.parse(lastUpdateTime)];
    return type === 'Available' && status === 'False' ? [Date.parse(lastTransitionTime)] : [];
  });
  return Math.max(since, ...times.filter((time) => !Number.isNaN(time)));
}
