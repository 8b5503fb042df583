import { formatDuration } from '../../api/duration.ts';
import { CANARIES, DEPLOYMENTS } from '../../api/resources.ts';
import { isConflict } from '../../kube/errors.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { ReadCanary } from '../cluster/read-canaries.ts';
import { patchTarget, readTarget, type Target } from '../cluster/target.ts';
import { watchedUntil } from '../cluster/watched-object.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { eachCanary } from './each-canary.ts';
import type { WaitFlags } from './flags.ts';
import { inTime } from './in-time.ts';
import type { Outcome } from './outcome.ts';
import type { TargetChange } from './target-change.ts';

/** What is done to the targets of canaries. */
export interface TargetCommand {
  /** For errors: `set image`. */
  readonly command: string;
  /** `restarted` */
  readonly done: string;
  readonly names: readonly string[];
  /** Of a target as it stands, or why nothing has to be done to it. */
  readonly changeOf: (target: Target, canary: ReadCanary, cluster: Cluster) => Promise<Changing>;
}

export type Changing =
  | { readonly kind: 'change'; readonly change: TargetChange; readonly detail?: string }
  | { readonly kind: 'unchanged'; readonly why: string };

/** A controller or an autoscaler may scale it meanwhile; somebody's change of it is another matter, and looked at anew too. */
const TRIES = 5;

/**
 * Changes the target of each canary that is chosen, and waits until the controller has seen it, unless it is not to.
 *
 * @throws {CommandError} where the command line does not say of which
 */
export function changeTargets(context: Context, flags: WaitFlags, command: TargetCommand): Promise<ExitCode> {
  return eachCanary(context, flags, {
    ...{ command: command.command, done: command.done, names: command.names, prints: DEPLOYMENTS },
    async act({ canary }, cluster) {
      for (let tries = 1; ; tries++) {
        try {
          return await changed(context, flags, command, canary, cluster);
        } catch (error) {
          if (!isConflict(error) || tries === TRIES) throw error;
        }
      }
    },
  });
}

async function changed(
  context: Context,
  { dryRun, fieldManager, wait, timeout }: WaitFlags,
  { done, changeOf }: TargetCommand,
  canary: ReadCanary,
  cluster: Cluster,
): Promise<Outcome> {
  const { signal } = context;
  const target = await readTarget(cluster, canary, signal);
  const subject = `deployment.apps/${target.metadata.name}`;
  const changing = await changeOf(target, canary, cluster);
  if (changing.kind === 'unchanged') return { kind: 'unchanged', subject, done, detail: changing.why, object: target };
  const { change, detail } = changing;
  if (dryRun === 'client') {
    const object = { ...target, spec: { ...target.spec, template: change.template } };
    return { kind: 'changed', subject, done, detail, object };
  }
  const isTried = dryRun === 'server';
  const object = await patchTarget(cluster, target, change.patch, { fieldManager, dryRun: isTried, signal });
  const told = { subject, done, detail, object } as const;
  if (isTried || !wait) return { kind: 'changed', ...told };
  const { uid, generation } = object.metadata;
  const isSeen = ({ status }: ReadCanary) => status?.target?.uid === uid && status.target.generation >= generation;
  const seen = await inTime(context, timeout, (options) => watchedUntil(cluster, CANARIES, canary, isSeen, options));
  return seen === undefined
    ? { ...told, kind: 'timeout', done: unseen(canary, done, timeout) }
    : { kind: 'changed', ...told };
}

function unseen({ metadata: { name, namespace } }: ReadCanary, done: string, timeout: number): string {
  const within = timeout === 0 ? 'yet' : `within ${formatDuration(timeout)}`;
  return `${done}, and not seen by the controller ${within}: see kubectl canary get ${name} -n ${namespace}`;
}
