import { formatDuration } from '../../api/duration.ts';
import { CHANGED_AT_ANNOTATION } from '../../api/keys.ts';
import { revisionOf } from '../../api/revision.ts';
import { type Clock, pause } from '../../kube/clock.ts';
import { isNotFound, KubeError } from '../../kube/errors.ts';
import { objectKey } from '../../kube/object.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { followCanaries } from '../cluster/follow-canaries.ts';
import { checkWhich, nameOf, type ReadCanary, readCanaries, readNamed, type Which } from '../cluster/read-canaries.ts';
import { readTarget } from '../cluster/target.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { Args } from '../command-spec.ts';
import type { Context, Output } from '../context.ts';
import { errorLine } from '../error-line.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { canaryState } from '../view/canary-state.ts';
import { type WaitGoal, waitGoalOf } from '../view/wait-goal.ts';
import { isUnderWay, type TargetView, type WaitVerdict, waitVerdict } from '../view/wait-verdict.ts';

interface WaitFlags {
  readonly for: string;
  /** Milliseconds; 0 is without an end. */
  readonly timeout: number;
  readonly revision?: string;
  readonly pastGates?: boolean;
  readonly selector?: string;
  readonly all: boolean;
  readonly allNamespaces: boolean;
}

type Ended = Exclude<WaitVerdict, { readonly kind: 'waiting' | 'unseen' }>;

/** How soon a target is looked at again that the controller has not seen as it is. */
const LOOK_AGAIN_MS = 1000;

/** Of several canaries, the first of these that one of them came to is what all came to. */
const WORST: readonly ExitCode[] = [EXIT.ROLLED_BACK, EXIT.FAILED, EXIT.AT_A_GATE, EXIT.TIMEOUT];

const EXIT_OF: Readonly<Record<Ended['kind'], ExitCode>> = {
  reached: EXIT.OK,
  failed: EXIT.ROLLED_BACK,
  missed: EXIT.FAILED,
  'at a gate': EXIT.AT_A_GATE,
};

export async function run(context: Context, [names = []]: Args, flags: WaitFlags): Promise<ExitCode> {
  const goal = waitGoalOf(flags.for);
  const which = whichOf(names as readonly string[], flags);
  const cluster = await context.cluster();
  const { items, failures } = await firstLook(cluster, which, context.signal);
  const stop = new AbortController();
  const end = () => stop.abort();
  context.signal.addEventListener('abort', end, { once: true });
  if (context.signal.aborted) end();
  const options = { goal, flags, cluster, clock: context.clock, err: context.err, signal: stop.signal };
  const waits = new Map(items.map((canary) => [objectKey(canary), new Wait(canary, options)]));
  const cancel = flags.timeout === 0 ? () => undefined : context.clock.after(flags.timeout, end);
  const following = followCanaries(
    ...([cluster, which, { clock: context.clock, signal: stop.signal }] as const),
    (canary) => waits.get(objectKey(canary))?.see(canary),
    {
      onDeleted: (canary) => waits.get(objectKey(canary))?.see(undefined),
      onTrouble: (error) => context.err.write(`${errorLine(error, 'wait')}: trying again\n`),
    },
  ).finally(end);
  // It is waited for below, once all else has ended.
  following.catch(() => undefined);
  const codes = [...waits.values()].map(async (wait) => {
    const ended = await wait.ended();
    if (ended !== undefined) context.out.write(`${wait.title} ${ended.message}\n`);
    return ended === undefined ? EXIT.TIMEOUT : EXIT_OF[ended.kind];
  });
  const all = await Promise.all(codes).finally(() => {
    end();
    cancel();
    context.signal.removeEventListener('abort', end);
  });
  await following;
  if (!context.signal.aborted) {
    for (const wait of waits.values()) if (!wait.isOver) context.err.write(`error: ${lateness(wait, goal, flags)}\n`);
  }
  const missing = failuresToTell(failures, goal, context);
  return WORST.find((code) => all.includes(code) || missing.includes(code)) ?? EXIT.OK;
}

function whichOf(names: readonly string[], { selector, all, allNamespaces, revision }: WaitFlags): Which {
  const which = { names, ...(selector !== undefined && { selector }), allNamespaces };
  checkWhich(which);
  if (names.length === 0 && selector === undefined && !all) {
    throw usageError('name a canary, or give --selector or --all');
  }
  if (names.length > 0 && all) throw usageError('name canaries or give --all, not both');
  if (revision === undefined) return which;
  if (!/^[0-9a-f]{6,64}$/.test(revision)) {
    throw usageError(`--revision=${revision} is not one: write it as kubectl canary history shows it`);
  }
  if (new Set(names).size !== 1) throw usageError('a revision is of one canary: name that one');
  return which;
}

async function firstLook(cluster: Cluster, which: Which, signal: AbortSignal) {
  if (which.names.length > 0) return readNamed(cluster, [...new Set(which.names.map(nameOf))], signal);
  const { items } = await readCanaries(cluster, which, signal);
  if (items.length === 0) throw new CommandError('no matching canaries found');
  return { items, failures: [] };
}

/** Whoever waits until something is gone has what is not there. */
function failuresToTell(failures: readonly Error[], goal: WaitGoal, { err }: Context): readonly ExitCode[] {
  const told = failures.filter((error) => goal.kind !== 'deleted' || !isNotFound(error));
  for (const error of told) err.write(`${errorLine(error, 'wait')}\n`);
  return told.map(() => EXIT.FAILED);
}

function lateness({ title, state }: Wait, { kind }: WaitGoal, { for: asked, timeout }: WaitFlags): string {
  const what = kind === 'gate' || kind === 'weight' ? `at ${asked}` : kind;
  return `timed out after ${formatDuration(timeout)}: ${title} is not ${what}: ${state}`;
}

interface WaitOptions {
  readonly goal: WaitGoal;
  readonly flags: WaitFlags;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly err: Output;
  readonly signal: AbortSignal;
}

/** The wait for one canary: it is told what becomes of it, and looks at its target where that matters. */
class Wait {
  /** As kubectl calls it. */
  readonly title: string;
  /** As it was told last. */
  state = '';
  isOver = false;
  readonly #options: WaitOptions;
  /** `undefined` once it is gone. */
  #latest: ReadCanary | undefined;
  #wasUnderWay = false;
  #wake: () => void = () => undefined;

  constructor(canary: ReadCanary, options: WaitOptions) {
    const { name, namespace } = canary.metadata;
    this.title = `canary.flagger.app/${name}${options.flags.allNamespaces ? ` of ${namespace}` : ''}`;
    this.#options = options;
    this.see(canary);
  }

  see(canary: ReadCanary | undefined): void {
    this.#latest = canary;
    if (canary?.status !== undefined && isUnderWay(canary.status)) this.#wasUnderWay = true;
    this.#wake();
  }

  /** What it came to; `undefined` when the signal aborts before that. */
  async ended(): Promise<Ended | undefined> {
    const { signal, clock } = this.#options;
    while (!signal.aborted) {
      const seen = this.#latest;
      const verdict = seen === undefined ? this.#gone() : await this.#verdictOf(seen);
      if (verdict.kind !== 'waiting' && verdict.kind !== 'unseen') {
        // What came meanwhile may have changed it.
        if (seen !== this.#latest) continue;
        this.isOver = true;
        return verdict;
      }
      this.#tell(verdict.kind === 'unseen' ? verdict.message : canaryState(seen as ReadCanary));
      if (seen === this.#latest)
        await this.#change(verdict.kind === 'unseen' ? LOOK_AGAIN_MS : undefined, clock, signal);
    }
    return undefined;
  }

  #gone(): WaitVerdict {
    const isGoal = this.#options.goal.kind === 'deleted';
    return isGoal ? { kind: 'reached', message: 'deleted' } : { kind: 'missed', message: 'is gone: it was deleted' };
  }

  /** What the canary alone would end is held against its target. */
  async #verdictOf(canary: ReadCanary): Promise<WaitVerdict> {
    const { goal, flags } = this.#options;
    const judge = (target: TargetView | undefined) =>
      waitVerdict(goal, {
        ...{ canary, target, revision: flags.revision },
        ...{ wasUnderWay: this.#wasUnderWay, pastGates: flags.pastGates === true },
      });
    const alone = judge(undefined);
    if (alone.kind === 'waiting') return alone;
    try {
      return judge(await this.#target(canary));
    } catch (error) {
      // Whoever waits for half an hour is not sent away for one request.
      return { kind: 'unseen', message: `its target cannot be read, trying again: ${errorLine(error, 'wait')}` };
    }
  }

  async #target(canary: ReadCanary): Promise<TargetView | undefined> {
    const { cluster, signal } = this.#options;
    try {
      const { metadata, spec } = await readTarget(cluster, canary, signal);
      return {
        templateRevision: revisionOf(spec.template),
        changedAt: metadata.annotations?.[CHANGED_AT_ANNOTATION],
      };
    } catch (error) {
      // Where it is not there, is none, or may not be read, the canary alone says what there is.
      if (signal.aborted || error instanceof CommandError || isOutOfSight(error)) return undefined;
      throw error;
    }
  }

  #tell(state: string): void {
    if (state === this.state) return;
    this.state = state;
    this.#options.err.write(`${this.title}: ${state}\n`);
  }

  /** Until something else is seen, or the time is over. */
  async #change(ms: number | undefined, clock: Clock, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    this.#wake = () => changed.abort();
    const stop = () => changed.abort();
    signal.addEventListener('abort', stop, { once: true });
    await pause(clock, ms ?? Number.POSITIVE_INFINITY, changed.signal);
    signal.removeEventListener('abort', stop);
    this.#wake = () => undefined;
  }
}

function isOutOfSight(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 403 || error.status === 404);
}
