import type { Canary } from '../api/generated/canary.ts';
import { objectKey } from '../kube/object.ts';
import { loadRevision, pruneStored, storeRevision } from './stored-revisions.ts';
import type { PodTemplate } from './workload/workload.ts';
import type { Writer } from './writer.ts';

/** A pod template that ran, and how it is to be read. */
export interface KeptRevision {
  /** As the target has it; or as the primary has it, of one that was there before us and whose target we never saw. */
  readonly of: 'target' | 'primary';
  readonly template: PodTemplate;
  /** Digests by key of what the primary has copies of. To all else that the template refers to, it refers itself. */
  readonly configs?: Readonly<Record<string, string>>;
  /** Digests by key of what the revision is configured by as well, and the primary refers to itself. */
  readonly live?: Readonly<Record<string, string>>;
}

/** With so few there is nothing to delete, as long as the canary does not ask for a shorter history. */
const MAX_KEPT = 10;
/** Templates in memory, of runs that have not come to their promotion; beyond it the oldest is read again when it is needed. */
const MAX_REMEMBERED = 1000;
/** A larger template is read again. In JSON, in characters. */
const MAX_REMEMBERED_LENGTH = 32 * 1024;

/** The pod templates that ran, each a ControllerRevision that its canary owns, and what this controller knows of them by itself. */
export interface KeptRevisions {
  /**
   * Keeps a pod template under the name of its revision. What is there already is left as it is where it is the same; what is
   * not, and claims to be this canary's or is one's of the same name that is gone, is replaced: what is kept cannot be changed.
   *
   * @param at by which the oldest are told
   * @returns what was wrong with what somebody had put there
   * @throws {KubeError} `RevisionTampered` where somebody else's object has its name
   */
  keep(writer: Writer, canary: Canary, revision: string, kept: KeptRevision, at: Date): Promise<string | undefined>;
  /**
   * From memory where it was kept last, as what is kept cannot be changed; otherwise proved by its hash.
   *
   * @throws {KubeError} 404 where it was not kept, or was deleted; `RevisionTampered` where what is there is something else
   */
  read(reader: Reader, canary: Canary, revision: string): Promise<KeptRevision>;
  /**
   * Deletes the oldest of what was kept beyond the history limit, but for what the primary has and what is being released.
   *
   * @returns what is left, and what is not, where they may have copies of configuration
   */
  prune(writer: Writer, canary: Canary): Promise<Pruned>;
  /** The primary has it: nobody reads it for a while. */
  promoted(canary: Canary): void;
  /** The canary is no longer there, or another controller's. */
  forget(key: string): void;
}

export type Pruned = Readonly<Record<'kept' | 'dropped', readonly PrunedRevision[]>>;

/** A revision with what it has copies of. */
export type PrunedRevision = Pick<KeptRevision, 'configs'> & { readonly revision: string };

type Reader = Pick<Writer, 'transport' | 'signal'>;

/** Of a canary, all of whose revisions were kept or listed by us. */
interface Tally {
  readonly uid: string;
  /** How many there are at most: some are kept twice, and somebody may delete some. */
  readonly count: number;
  /** Whether some have copies of configuration, which are to be looked after. */
  readonly hasCopies: boolean;
}

/** One controller at a time writes for a canary: what it has written is as it wrote it. */
export function createKeptRevisions(): KeptRevisions {
  const tallies = new Map<string, Tally>();
  const remembered = new Map<
    string,
    { readonly uid: string; readonly revision: string; readonly kept: KeptRevision }
  >();

  function remember(canary: Canary, revision: string, kept: KeptRevision): void {
    const key = objectKey(canary);
    remembered.delete(key);
    if (JSON.stringify(kept).length > MAX_REMEMBERED_LENGTH) return;
    remembered.set(key, { uid: canary.metadata.uid, revision, kept });
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  }

  function tallyOf({ metadata, status = {} }: Canary): Tally | undefined {
    const { uid } = metadata;
    const known = tallies.get(objectKey({ metadata }));
    if (known?.uid === uid) return known;
    // Nothing was ever kept for it.
    return status.lastAppliedSpec === undefined ? { uid, count: 0, hasCopies: false } : undefined;
  }

  return {
    async keep(writer, canary, revision, kept, at) {
      const fault = await storeRevision(writer, canary, revision, kept, at.getTime());
      const tally = tallyOf(canary);
      if (tally !== undefined) {
        const hasCopies = tally.hasCopies || kept.configs !== undefined;
        tallies.set(objectKey(canary), { ...tally, count: tally.count + 1, hasCopies });
      }
      remember(canary, revision, kept);
      return fault;
    },
    async read(reader, canary, revision) {
      const known = remembered.get(objectKey(canary));
      const isIt = known?.revision === revision && known.uid === canary.metadata.uid;
      return isIt ? known.kept : loadRevision(reader, canary, revision);
    },
    async prune(writer, canary) {
      const tally = tallyOf(canary);
      if (tally !== undefined && tally.count <= limitOf(canary) && !tally.hasCopies) return { kept: [], dropped: [] };
      const { kept, dropped } = await pruneStored(writer, canary);
      const { uid } = canary.metadata;
      const hasCopies = kept.some(({ configs }) => configs !== undefined);
      tallies.set(objectKey(canary), { uid, count: kept.length, hasCopies });
      return { kept, dropped };
    },
    promoted(canary) {
      remembered.delete(objectKey(canary));
    },
    forget(key) {
      tallies.delete(key);
      remembered.delete(key);
    },
  };
}

function limitOf({ spec }: Canary): number {
  return Math.min(MAX_KEPT, spec?.revisionHistoryLimit ?? MAX_KEPT);
}
