// Kept revisions: how they are named, and how what is read is proved to be what was kept. Whoever may create
// ControllerRevisions can write whatever they like under any name: only the hash tells.
import { REVISION_ANNOTATION } from './keys.ts';
import { configuredRevision, isOfTemplate, isRevision, revisionOf } from './revision.ts';

type Digests = Readonly<Record<string, string>>;

/** The `data` of a ControllerRevision. */
export interface KeptTemplate {
  /** As the target has it; or as the primary has it, of one that was there before its canary. */
  readonly of: 'target' | 'primary';
  readonly template: object;
  /** Digests by key of what the primary has copies of. */
  readonly configs?: Digests;
  /** Digests by key of what the revision is configured by, and the primary refers to itself. */
  readonly live?: Digests;
}

/** A ControllerRevision as it is read, of which nothing is sure. */
export interface StoredKept {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly data?: unknown;
}

/** A canary's name is the value of a label, of at most 63 characters: with it, all of a revision fits the 253 of a name. */
export function keptName(canary: string, revision: string): string {
  return `${canary}-${revision}`;
}

/** The name in earlier versions, which 40 bits of the revision are in: two revisions can be made to share it. */
export function formerKeptName(canary: string, revision: string): string {
  return `${canary}-${revision.slice(0, 10)}`;
}

/** The revision that an object claims to be; `undefined` where it is not one that the canary has kept, as far as it says. */
export function claimedRevision(
  { metadata }: StoredKept,
  canary: { readonly name: string; readonly uid: string },
): string | undefined {
  if (metadata.ownerReferences?.some(({ uid }) => uid === canary.uid) !== true) return undefined;
  const revision = metadata.annotations?.[REVISION_ANNOTATION];
  if (!isRevision(revision)) return undefined;
  const names = [keptName(canary.name, revision), formerKeptName(canary.name, revision)];
  return names.includes(metadata.name) ? revision : undefined;
}

/** Whether the pod template that is kept is the revision's, whatever that is configured by: all that `undo` needs. */
export function hasItsTemplate(data: unknown, revision: string): data is KeptTemplate {
  const kept = keptOf(data);
  return kept !== undefined && hashes(() => isOfTemplate(revision, revisionOf(kept.template)));
}

/**
 * Whether all that is kept is the revision's: the pod template and the configuration.
 *
 * @param tracked digests that the canary's status has: earlier versions did not keep those of what the primary refers to
 *   itself, so that a revision with such ones is only proved while these are its own
 */
export function isRevisionOf(data: unknown, revision: string, tracked: Digests = {}): data is KeptTemplate {
  const kept = keptOf(data);
  if (kept === undefined) return false;
  const { configs = {}, live, template } = kept;
  return hashes(() => {
    const ofTemplate = revisionOf(template);
    if (configuredRevision(ofTemplate, { ...configs, ...live }) === revision) return true;
    return live === undefined && configuredRevision(ofTemplate, { ...tracked, ...configs }) === revision;
  });
}

function keptOf(data: unknown): KeptTemplate | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { of = 'target', template } = data as Partial<KeptTemplate>;
  const isTemplate = typeof template === 'object' && template !== null;
  return isTemplate && (of === 'target' || of === 'primary') ? (data as KeptTemplate) : undefined;
}

/** What is nested some thousand levels deep cannot be hashed, and is nobody's pod template. */
function hashes(isSo: () => boolean): boolean {
  try {
    return isSo();
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
