import type { ContainerRole } from './pod.ts';

/** One run of a container. Times are milliseconds since 1970. */
export interface Attempt {
  readonly id: string;
  readonly startedAt: number;
  /** As the runtime names them: `docker.io/library/x:latest` and its digest. */
  readonly image: string;
  readonly imageID: string;
  /** `undefined` while it runs. */
  readonly exit: ContainerExit | undefined;
}

export interface ContainerExit {
  readonly exitCode: number;
  /** `Completed`, `Error`, `StartError`, `Unknown`. */
  readonly reason: string;
  readonly message?: string;
  readonly finishedAt: number;
}

/** What the kubelet knows of one container of a pod: all that the plan and the status are made from. */
export interface ContainerFacts {
  readonly name: string;
  readonly role: ContainerRole;
  /** The newest run, if there was one. */
  readonly attempt?: Attempt;
  /** The run before it. */
  readonly previous?: Attempt;
  /** Why the container does not run though it should: `ErrImagePull`, `CrashLoopBackOff`. */
  readonly waiting?: { readonly reason: string; readonly message?: string };
  /** Not to be started before this time. */
  readonly retryAt: number;
  readonly restartCount: number;
  /** Its postStart hook is done and its startup probe has succeeded. */
  readonly started: boolean;
  readonly ready: boolean;
}

export type FactsByName = ReadonlyMap<string, ContainerFacts>;

export function isRunning(facts: ContainerFacts | undefined): boolean {
  return facts?.attempt !== undefined && facts.attempt.exit === undefined;
}
