import { isDeepStrictEqual } from 'node:util';
import type { Canary } from '../api/generated/canary.ts';
import { CANARY_LABEL, REVISION_ANNOTATION } from '../api/keys.ts';
import { CONTROLLER_REVISIONS } from '../api/resources.ts';
import { shortRevision } from '../api/revision.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import { type KubeObject, objectKey } from '../kube/object.ts';
import { collectionPath, objectPath } from '../kube/resource.ts';
import { isOwnedBy, ownerReference } from './owners.ts';
import type { PodTemplate } from './workload/workload.ts';
import type { Writer } from './writer.ts';

/** A pod template that ran, and how it is to be read. */
export interface KeptRevision {
  /** As the target has it; or as the primary has it, of one that was there before us and whose target we never saw. */
  readonly of: 'target' | 'primary';
  readonly template: PodTemplate;
  /** Digests by key of what the primary has copies of. To all else that the template refers to, it refers itself. */
  readonly configs?: Readonly<Record<string, string>>;
}

interface ControllerRevision extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly ownerReferences?: readonly { readonly uid: string }[] };
  readonly revision: number;
  readonly data?: KeptRevision;
}

/** As StatefulSets keep theirs: enough to go back to, and no more than a namespace can bear. */
const MAX_KEPT = 10;
/** Templates in memory, of runs that have not come to their promotion; beyond it the oldest is read again when it is needed. */
const MAX_REMEMBERED = 1000;
/** A larger template is read again. In JSON, in characters. */
const MAX_REMEMBERED_LENGTH = 32 * 1024;

/** The pod templates that ran, each a ControllerRevision that its canary owns, and what this controller knows of them by itself. */
export interface KeptRevisions {
  /**
   * Keeps a pod template under the name of its revision. What is there already is left as it is: the same revision is the same
   * template. Only where it was kept without copies that there are now, or for a canary of the same name that is gone, with which
   * it is about to go, it is replaced: what is kept cannot be changed.
   *
   * @param at by which the oldest are told
   */
  keep(writer: Writer, canary: Canary, revision: string, kept: KeptRevision, at: Date): Promise<void>;
  /** From memory where it was kept last, as what is kept cannot be changed. @throws {KubeError} 404 where it was not kept, or was deleted */
  read(reader: Reader, canary: Canary, revision: string): Promise<KeptRevision>;
  /**
   * Deletes the oldest of what was kept beyond ten, but for what the primary has and what is being released.
   *
   * @returns what is left, and what is not, where they may have copies of configuration
   */
  prune(writer: Writer, canary: Canary): Promise<Readonly<Record<'kept' | 'dropped', readonly KeptRevision[]>>>;
  /** The primary has it: nobody reads it for a while. */
  promoted(canary: Canary): void;
  /** The canary is no longer there, or another controller's. */
  forget(key: string): void;
}

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
      const stored = await keepRevision(writer, canary, revision, kept, at);
      const tally = tallyOf(canary);
      if (tally !== undefined) {
        const hasCopies = tally.hasCopies || stored.configs !== undefined;
        tallies.set(objectKey(canary), { ...tally, count: tally.count + 1, hasCopies });
      }
      remember(canary, revision, stored);
    },
    async read(reader, canary, revision) {
      const known = remembered.get(objectKey(canary));
      const isIt = known?.revision === revision && known.uid === canary.metadata.uid;
      return isIt ? known.kept : readRevision(reader, canary, revision);
    },
    async prune(writer, canary) {
      const tally = tallyOf(canary);
      if (tally !== undefined && tally.count <= MAX_KEPT && !tally.hasCopies) return { kept: [], dropped: [] };
      const { kept, dropped } = await pruneRevisions(writer, canary);
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

/** @returns what is kept now */
async function keepRevision(
  { transport, fieldManager, fence, signal }: Writer,
  canary: Canary,
  revision: string,
  kept: KeptRevision,
  at: Date,
): Promise<KeptRevision> {
  const { name, namespace } = canary.metadata;
  const body = {
    apiVersion: CONTROLLER_REVISIONS.apiVersion,
    kind: CONTROLLER_REVISIONS.kind,
    metadata: {
      name: nameOf(canary, revision),
      namespace,
      labels: { [CANARY_LABEL]: name },
      annotations: { [REVISION_ANNOTATION]: revision },
      ownerReferences: [ownerReference(canary)],
    },
    // In milliseconds: two that are kept in one second have an order too.
    revision: at.getTime(),
    data: kept,
  };
  const path = collectionPath(CONTROLLER_REVISIONS, namespace);
  try {
    await transport.request({ method: 'POST', path, query: { fieldManager }, body, fence, signal });
  } catch (error) {
    if (!isConflict(error)) throw error;
    const there = objectPath(CONTROLLER_REVISIONS, body.metadata);
    const { metadata, data } = await transport.request<ControllerRevision>({ path: there, signal });
    const isSame = kept.configs === undefined || isDeepStrictEqual(data?.configs, kept.configs);
    if (isSame && isOwnedBy({ metadata }, canary.metadata.uid)) return data ?? kept;
    await transport.request({ method: 'DELETE', path: there, fence, signal });
    await transport.request({ method: 'POST', path, query: { fieldManager }, body, fence, signal });
  }
  return kept;
}

async function pruneRevisions(
  { transport, fence, signal }: Writer,
  canary: Canary,
): Promise<Readonly<Record<'kept' | 'dropped', readonly KeptRevision[]>>> {
  const { name, namespace } = canary.metadata;
  const path = collectionPath(CONTROLLER_REVISIONS, namespace);
  const query = { labelSelector: `${CANARY_LABEL}=${name}` };
  const { items } = await transport.request<{ readonly items: readonly ControllerRevision[] }>({ path, query, signal });
  const { lastPromotedSpec = '', lastAppliedSpec = '' } = canary.status ?? {};
  const needed = new Set([lastPromotedSpec, lastAppliedSpec].map((revision) => nameOf(canary, revision)));
  const old = items
    .filter(({ metadata }) => !needed.has(metadata.name))
    .toSorted((one, other) => other.revision - one.revision)
    .slice(MAX_KEPT - needed.size);
  for (const { metadata } of old) {
    try {
      await transport.request({ method: 'DELETE', path: objectPath(CONTROLLER_REVISIONS, metadata), fence, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  const dataOf = (revisions: typeof items) => revisions.flatMap(({ data }) => data ?? []);
  return { kept: dataOf(items.filter((each) => !old.includes(each))), dropped: dataOf(old) };
}

async function readRevision({ transport, signal }: Reader, canary: Canary, revision: string): Promise<KeptRevision> {
  const path = objectPath(CONTROLLER_REVISIONS, {
    namespace: canary.metadata.namespace,
    name: nameOf(canary, revision),
  });
  const { data } = await transport.request<ControllerRevision>({ path, signal });
  if (data === undefined) throw new Error(`${path} has no pod template in it`);
  return data;
}

function nameOf({ metadata }: Canary, revision: string): string {
  return `${metadata.name}-${shortRevision(revision)}`;
}
