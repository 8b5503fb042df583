import { configuredRevision } from '../api/revision.ts';
import { isNotFound } from '../kube/errors.ts';
import type { ActOptions } from './act.ts';
import { makeCopies } from './config-copies.ts';
import { changedMeanwhile, releaseOf, targetTemplate } from './deployments.ts';
import type { KeptRevision, KeptRevisions } from './kept-revisions.ts';
import type { Subject } from './subject.ts';
import type { Writer } from './writer.ts';

type Options = Pick<ActOptions, 'world' | 'clock' | 'writer'>;

export interface KeepTarget {
  readonly revision: string;
  /** Under which name it is kept already, if it is. */
  readonly renamedFrom?: string | undefined;
  /** What of its configuration is not copied, as the primary refers to it itself. @default nothing */
  readonly live?: ReadonlySet<string>;
}

/**
 * Keeps the target as it stands: its pod template, and copies of what it is configured by. They are made now, so that what is
 * promoted is what was analysed and not what is there by then.
 *
 * @throws {KubeError} a 409 where it is no longer at this revision
 */
export async function keepTarget(
  subject: Subject,
  { revision, renamedFrom, live = new Set() }: KeepTarget,
  { world, clock, writer }: Options,
): Promise<KeptRevision> {
  const { canary, target, configs } = subject;
  const isSame = target !== undefined && configuredRevision(target.revision, configs.digests) === revision;
  if (!isSame || configs.unread !== undefined) throw changedMeanwhile('the target is at another revision');
  const template = await targetTemplate(subject, target.revision, writer);
  const before =
    renamedFrom === undefined ? undefined : await keptBefore(subject, renamedFrom, world.revisions, writer);
  const digests = Object.fromEntries(Object.entries(configs.digests).filter(([key]) => !live.has(key)));
  if (before === undefined) await makeCopies(canary, digests, { ...releaseOf(subject).options, target }, writer);
  const copied = before === undefined ? digests : (before.configs ?? {});
  const kept: KeptRevision = {
    ...{ of: 'target', template },
    ...(Object.keys(copied).length > 0 && { configs: copied }),
  };
  await world.revisions.keep(writer, canary, revision, kept, clock.date());
  return kept;
}

/** What somebody has deleted is as if it were kept for the first time. */
async function keptBefore({ canary }: Subject, revision: string, revisions: KeptRevisions, writer: Writer) {
  try {
    return await revisions.read(writer, canary, revision);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
