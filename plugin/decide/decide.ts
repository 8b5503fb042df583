import { randomBytes } from 'node:crypto';
import { formatDuration } from '../../api/duration.ts';
import type { Canary } from '../../api/generated/canary.ts';
import { CANARY_ACTIONS } from '../../api/resources.ts';
import { KubeError } from '../../kube/errors.ts';
import { createAction, isAnswered, type StoredAction } from '../cluster/ask-action.ts';
import type { ChosenCanary } from '../cluster/chosen-canaries.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { watchedUntil } from '../cluster/watched-object.ts';
import { CommandError } from '../command-error.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { type Asked, actionManifest } from './action-manifest.ts';
import { eachCanary } from './each-canary.ts';
import type { AnsweredFlags } from './flags.ts';
import { inTime } from './in-time.ts';
import { whyNotMeant } from './not-meant.ts';
import type { Outcome } from './outcome.ts';

/** One of the decisions that the controller carries out and answers. */
export interface Decision {
  readonly action: Asked['action'];
  /** What it is when it is done: `promoted`. */
  readonly done: string;
  readonly names: readonly string[];
  /** The rest of what is asked for, by what was seen. */
  readonly ask?: (canary: Canary) => Omit<Asked, 'action'>;
  /** How far it goes, as far as it is known before. Where there is none, the controller's answer says it. */
  readonly detail?: (canary: Canary) => string | undefined;
}

/** Of a condition: it was so already. As the controller words it. */
const UNCHANGED = 'Unchanged';

/**
 * Asks for the same of each canary that is chosen, and waits for the controller's answers unless it is not to.
 *
 * @throws {CommandError} where the command line does not say of which
 */
export function decideFor(context: Context, flags: AnsweredFlags, decision: Decision): Promise<ExitCode> {
  const { action, done, names } = decision;
  return eachCanary(context, flags, {
    ...{ command: action, done, names, prints: CANARY_ACTIONS },
    act: (chosen, cluster) => decided(context, flags, decision, chosen, cluster),
  });
}

async function decided(
  context: Context,
  flags: AnsweredFlags,
  { action, done, ask, detail: detailOf }: Decision,
  { canary, isNamed }: ChosenCanary,
  cluster: Cluster,
): Promise<Outcome> {
  const subject = `canary.flagger.app/${canary.metadata.name}`;
  const why = isNamed ? undefined : whyNotMeant(action, canary.status);
  if (why !== undefined) return { kind: 'unchanged', subject, done, detail: why };
  const { dryRun, fieldManager, revision, reason, wait } = flags;
  const detail = detailOf?.(canary);
  const manifest = actionManifest(
    canary,
    { action, ...ask?.(canary) },
    {
      ...{ suffix: randomBytes(4).toString('hex') },
      ...(revision !== undefined && { revision }),
      ...(reason !== undefined && { reason }),
    },
  );
  if (dryRun === 'client') return { kind: 'changed', subject, done, detail, object: manifest };
  const isTried = dryRun === 'server';
  const { signal } = context;
  const asked = await createAction(cluster, manifest, { fieldManager, dryRun: isTried, signal }).catch(
    (error: unknown) => {
      throw isTried ? error : maybeTaken(error, manifest.metadata.name);
    },
  );
  if (isTried) return { kind: 'changed', subject, done, detail, object: asked };
  if (!wait) {
    return {
      ...{ kind: 'changed', subject, object: asked },
      ...{ done: `asked to ${action}`, detail: `canaryaction.flagger.app/${manifest.metadata.name}` },
    };
  }
  const answer = await inTime(context, flags.timeout, (options) =>
    watchedUntil(cluster, CANARY_ACTIONS, asked, isAnswered, options),
  );
  if (answer === undefined)
    return {
      kind: 'timeout',
      subject,
      done: stillOpen(asked, signal.aborted ? undefined : flags.timeout),
      object: asked,
    };
  const { phase, message = '', conditions = [] } = answer.status ?? {};
  if (phase === 'Done') return { kind: 'changed', subject, done, detail: detail ?? message, object: answer };
  if (conditions.some(({ reason: because }) => because === UNCHANGED)) {
    return { kind: 'unchanged', subject, done, detail: message, object: answer };
  }
  throw new CommandError(message);
}

/** The write may have been taken all the same: whoever presses again knows where to look. */
function maybeTaken(error: unknown, name: string): unknown {
  if (!(error instanceof KubeError) || error.status !== 0) return error;
  const message = `${error.message}; whether it was taken is not known: kubectl get canaryaction ${name}`;
  return new CommandError(message, { cause: error });
}

/** @param timeoutMs that has passed; without one somebody has pressed Ctrl-C */
function stillOpen({ metadata: { name, namespace } }: StoredAction, timeoutMs: number | undefined): string {
  const when = timeoutMs === undefined ? 'yet' : `within ${formatDuration(timeoutMs)}`;
  const where = `canaryaction ${name} -n ${namespace}`;
  return `not answered ${when}, and may still be carried out: see kubectl get ${where}; to take it back, kubectl delete ${where}`;
}
