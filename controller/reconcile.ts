import type { Canary, CanaryStatus, CheckStatus } from '../api/generated/canary.ts';
import { CANARIES } from '../api/resources.ts';
import { patchStatus } from '../kube/apply.ts';
import type { Clock } from '../kube/clock.ts';
import type { Reconcile, Result } from '../kube/controller.ts';
import { KubeError } from '../kube/errors.ts';
import type { Log } from '../kube/log.ts';
import type { KubeObject } from '../kube/object.ts';
import { type ActOptions, act } from './act.ts';
import type { MeasureRunner } from './analysis/measure-runner.ts';
import { refuseOrphans } from './canary-actions.ts';
import { pruneCopies } from './config-copies.ts';
import { decide, refusedWrite } from './decide/decide.ts';
import type { Note, Waits } from './decide/decision.ts';
import { isReworded, rewordingPause } from './decide/reworded.ts';
import { deletionFacts } from './deletion-facts.ts';
import { type ObserveOptions, observe } from './observe.ts';
import type { Subject } from './subject.ts';
import { keptFaultOf } from './tampered.ts';
import type { World } from './world.ts';
import type { Writer } from './writer.ts';

export interface ReconcileOptions extends ObserveOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly writer: Omit<Writer, 'signal'>;
  /** Measures, beside the loop; what comes of it is observed. */
  readonly measurements: MeasureRunner<Subject>;
  /** Asks hooks, beside the loop; their answers are observed. */
  readonly callHooks: ActOptions['callHooks'];
  readonly told: Told;
  /** Whether a canary is this controller's; others are left alone. */
  readonly isOurs: (canary: Canary) => boolean;
}

/** Who is told what becomes of canaries: events and metrics. None of them can hold a release up. */
export interface Told {
  noted(canary: Canary, notes: readonly Note[]): void;
  /** A canary has come to where something is waited for, or its status was written over the one before. */
  moved(before: CanaryStatus, after: Canary): void;
  measured(canary: Canary, checks: readonly CheckStatus[]): void;
  /** The canary is no longer there, or another controller's. */
  gone(key: string): void;
}

/** More steps than any way from one wait to the next has; who takes more goes round in a circle. */
const MAX_STEPS = 40;
const CIRCLE_PAUSE_MS = 10_000;

/** Brings a canary as far as it can be brought now: looks, decides, does, and looks again, until there is something to wait for. */
export function createReconcile(options: ReconcileOptions): Reconcile {
  const { world, clock, told, isOurs, measurements } = options;
  /** When the status of a canary was last written, by the clock. */
  const writtenAt = new Map<string, number>();
  let rewordingMs = rewordingPause(0);

  return async (key, { signal, log }) => {
    try {
      return await bring(key, signal, log);
    } catch (error) {
      if (!isGoing(error)) throw error;
      log.info({ err: error }, 'the canary or its namespace is going, nothing more is done');
      return { kind: 'done' };
    }
  };

  async function bring(key: string, signal: AbortSignal, log: Log): Promise<Result> {
    const writer: Writer = { ...options.writer, signal };
    for (let step = 0; step < MAX_STEPS; step++) {
      const canary = world.canaries.get(key);
      if (canary === undefined) {
        forget(key);
        await refuseOrphans(key, { world, clock, writer });
        return { kind: 'done' };
      }
      if (!isOurs(canary)) {
        // It may have been, with another label.
        forget(key);
        return { kind: 'done' };
      }
      const measured = measurements.take(canary);
      if (measured !== undefined && typeof measured !== 'string') told.measured(canary, measured);
      const { subject, observation: seen } = await observe(canary, options, measured);
      const isBeingDeleted = canary.metadata.deletionTimestamp !== undefined;
      const observation = isBeingDeleted ? { ...seen, deletion: await deletionFacts(subject, world) } : seen;
      const now = clock.date().getTime();
      const decision = decide(observation, now);
      if (decision.kind === 'wait') return waited(key, canary, decision, writer, log, now);
      const effect = decision.kind === 'act' ? decision.effect : decision.first;
      if (effect !== undefined) {
        releaseLog(log, canary).debug({ effect }, 'acting');
        try {
          const { callHooks } = options;
          const tell: ActOptions['tell'] = (of, note) => noted(of, [note], log);
          // What was measured while the route was another one is not of the weight that was asked about.
          if (effect.kind === 'route') measurements.forget(key);
          const measure = (of: Subject) => measurements.start(of);
          await act(subject, effect, { world, clock, writer, callHooks, measure, tell });
        } catch (error) {
          if (!isRefused(error, canary)) throw error;
          const refused = refusedWrite(observation, now, error.message, keptFaultOf(error));
          if (refused?.kind === 'move') {
            await write(key, canary, refused.status, refused.notes, writer, log);
            continue;
          }
          if (refused !== undefined) await waited(key, canary, refused, writer, log, now);
          throw error;
        }
        // There may be nothing left of it to look at.
        if (effect.kind === 'let go') return { kind: 'done' };
      }
      if (decision.kind === 'move') {
        const written = await write(key, canary, decision.status, decision.notes, writer, log);
        // After the release has begun, or has ended, as nobody waits for it.
        const hasEnded = canary.status?.ending !== undefined && written.status?.ending === undefined;
        if (effect?.kind === 'keep revision' || hasEnded) {
          const { kept, dropped } = await world.revisions.prune(writer, written);
          const hasCopies = [...kept, ...dropped].some(({ configs }) => configs !== undefined);
          if (world.configs !== undefined && hasCopies) {
            await pruneCopies(writer, written, kept, subject.primary?.configs ?? []);
          }
        }
      }
    }
    log.error({ canary: key }, `no end after ${MAX_STEPS} steps, pausing`);
    return { kind: 'again', afterMs: CIRCLE_PAUSE_MS };
  }

  function forget(key: string): void {
    writtenAt.delete(key);
    world.revisions.forget(key);
    measurements.forget(key);
    told.gone(key);
  }

  async function waited(
    key: string,
    canary: Canary & KubeObject,
    { status, until, note }: Waits,
    writer: Writer,
    log: Log,
    now: number,
  ): Promise<Result> {
    const due: Result = until === undefined ? { kind: 'done' } : { kind: 'again', afterMs: Math.max(0, until - now) };
    const before = canary.status ?? {};
    const sinceMs = clock.now() - (writtenAt.get(key) ?? Number.NEGATIVE_INFINITY);
    if (sinceMs < rewordingMs && isReworded(before, status)) {
      const afterMs = rewordingMs - sinceMs;
      return { kind: 'again', afterMs: due.kind === 'again' ? Math.min(afterMs, due.afterMs) : afterMs };
    }
    const isNews =
      before.waitingFor?.reason !== status.waitingFor?.reason ||
      before.waitingFor?.message !== status.waitingFor?.message;
    await write(key, canary, status, note !== undefined && isNews ? [note] : [], writer, log);
    return due;
  }

  async function write(
    key: string,
    canary: Canary & KubeObject,
    status: CanaryStatus,
    notes: readonly Note[],
    { transport, fieldManager, fence, signal }: Writer,
    log: Log,
  ): Promise<Canary> {
    const began = clock.now();
    const written = await patchStatus(canary, status, { transport, resource: CANARIES, fieldManager, fence, signal });
    if (written !== canary) {
      world.canaries.wrote(written);
      writtenAt.set(key, clock.now());
      rewordingMs = rewordingPause(clock.now() - began);
    }
    told.moved(canary.status ?? {}, written);
    noted(written, notes, log);
    return written;
  }

  function noted(canary: Canary, notes: readonly Note[], log: Log): void {
    told.noted(canary, notes);
    for (const { type, text } of notes) releaseLog(log, canary)[type === 'Normal' ? 'info' : 'warn']({}, text);
  }
}

/** What trying again does not mend: somebody has to change an object, or what we may do. What is going waits for nobody. */
function isRefused(error: unknown, { metadata }: Canary): error is KubeError {
  if (!(error instanceof KubeError) || ![400, 403, 422].includes(error.status)) return false;
  return metadata.deletionTimestamp !== undefined || !isGoing(error);
}

/** A namespace that is being deleted takes nothing new, and a canary that is gone has no status. */
function isGoing(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  const isOfStatus = error.status === 404 && /\/canaries\/[^/]+\/status\b/.test(error.message);
  return isOfStatus || (error.status === 403 && error.message.includes('because it is being terminated'));
}

/** With what tells a line of one release from those of others. */
function releaseLog(log: Log, { metadata, status }: Canary): Log {
  const revision = status?.lastAppliedSpec;
  return log.child({ canary: `${metadata.name}.${metadata.namespace}`, ...(revision !== undefined && { revision }) });
}
