import { configuredRevision } from '../api/revision.ts';
import { isNotFound } from '../kube/errors.ts';
import type { ActOptions } from './act.ts';
import { makeCopies } from './config-copies.ts';
import { warning } from './decide/texts.ts';
import { changedMeanwhile, releaseOf, targetTemplate } from './deployments.ts';
import type { KeptRevision } from './kept-revisions.ts';
import type { Subject } from './subject.ts';
import { keptFault, keptFaultOf } from './tampered.ts';

type Options = Pick<ActOptions, 'world' | 'clock' | 'writer' | 'tell'>;

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
 * @throws {KubeError} a 409 where it is no longer at this revision; `RevisionTampered` and `CopyTampered`
 */
export async function keepTarget(
  subject: Subject,
  { revision, renamedFrom, live = new Set() }: KeepTarget,
  options: Options,
): Promise<KeptRevision> {
  const { world, clock, writer, tell } = options;
  const { canary, target, configs } = subject;
  if (target === undefined || !isTargetAt(subject, revision))
    throw changedMeanwhile('the target is at another revision');
  const template = await targetTemplate(subject, target.revision, writer);
  // What is new of a run that goes on is copied as of any other: its pods have read it.
  const isPromoted = renamedFrom !== undefined && renamedFrom === canary.status?.lastPromotedSpec;
  const before = isPromoted ? await keptBefore(subject, renamedFrom, options) : undefined;
  const isCopied = ([key, digest]: readonly [string, string]) =>
    before === undefined ? !live.has(key) : before.configs?.[key] === digest;
  const digests = Object.entries(configs.digests);
  const copied = Object.fromEntries(digests.filter(isCopied));
  const others = Object.fromEntries(digests.filter((each) => !isCopied(each)));
  if (before === undefined) await makeCopies(canary, copied, { ...releaseOf(subject).options, target }, writer);
  const kept: KeptRevision = {
    ...{ of: 'target', template },
    ...(Object.keys(copied).length > 0 && { configs: copied }),
    ...(Object.keys(others).length > 0 && { live: others }),
  };
  const fault = await world.revisions.keep(writer, canary, revision, kept, clock.date());
  if (fault !== undefined) tell(canary, warning('Keep', fault));
  return kept;
}

/**
 * Reads a kept revision, to write it into the primary. One that somebody has deleted or replaced is kept anew where the target
 * is still at it, whose hash says that it is the one.
 *
 * @throws {KubeError} `RevisionTampered` or `RevisionMissing` where it is nowhere else
 */
export async function readKept(subject: Subject, revision: string, options: Options): Promise<KeptRevision> {
  const { world, writer, tell } = options;
  const { canary } = subject;
  try {
    return await world.revisions.read(writer, canary, revision);
  } catch (error) {
    const isGone = isNotFound(error);
    if (!isGone && keptFaultOf(error) === undefined) throw error;
    if (isTargetAt(subject, revision)) {
      if (!isGone)
        tell(canary, warning('Keep', `${(error as Error).message}. The target has it still, so it is kept anew`));
      return keepTarget(subject, { revision }, options);
    }
    if (!isGone) throw error;
    const what = `revision ${revision.slice(0, 10)} is not kept any more, and the target is at another`;
    throw keptFault('RevisionMissing', `${what}: change the target to release it anew`);
  }
}

function isTargetAt({ target, configs }: Subject, revision: string): boolean {
  if (target === undefined || configs.unread !== undefined) return false;
  return configuredRevision(target.revision, configs.digests) === revision;
}

/** What somebody has deleted or replaced is as if it were kept for the first time. */
async function keptBefore({ canary }: Subject, revision: string, { world, writer }: Options) {
  try {
    return await world.revisions.read(writer, canary, revision);
  } catch (error) {
    if (isNotFound(error) || keptFaultOf(error) !== undefined) return undefined;
    throw error;
  }
}
