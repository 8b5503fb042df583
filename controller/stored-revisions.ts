// Kept revisions in the API server, where others may write as well: nothing is used, replaced or deleted that is not proved.
import { isDeepStrictEqual } from 'node:util';
import type { Canary } from '../api/generated/canary.ts';
import {
  claimedRevision,
  formerKeptName,
  hasItsTemplate,
  isRevisionOf,
  keptName,
  type StoredKept,
} from '../api/kept-revision.ts';
import { CANARY_LABEL, REVISION_ANNOTATION } from '../api/keys.ts';
import { CANARIES, CONTROLLER_REVISIONS } from '../api/resources.ts';
import { shortRevision } from '../api/revision.ts';
import { deleteObject, deleteUnlessChanged } from '../kube/delete-object.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import type { KubeObject } from '../kube/object.ts';
import { pages } from '../kube/pages.ts';
import { collectionPath, objectPath } from '../kube/resource.ts';
import type { KeptRevision, Pruned, PrunedRevision } from './kept-revisions.ts';
import { isOwnedBy, ownerReference } from './owners.ts';
import { keptFault } from './tampered.ts';
import type { Writer } from './writer.ts';

type Reader = Pick<Writer, 'transport' | 'signal'>;

interface Owner {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly uid: string;
}

interface ControllerRevision extends KubeObject {
  readonly metadata: KubeObject['metadata'] &
    Omit<StoredKept['metadata'], 'ownerReferences'> & { readonly ownerReferences?: readonly Owner[] };
  readonly revision: number;
  readonly data?: unknown;
}

/** What is needed of one to tell whether it is to go: pod templates are not in memory all at once. */
interface Listed extends PrunedRevision {
  readonly metadata: Pick<KubeObject['metadata'], 'name' | 'uid' | 'resourceVersion'> & { readonly namespace: string };
  readonly keptAt: number;
  readonly isProved: boolean;
}

/** Each has 1.5 MB at most. */
const PAGE = 20;
/** Of a flood, the rest is left for the next release. */
const MAX_PAGES = 25;
const MAX_DELETED = 100;
/** As Deployments keep theirs. */
const HISTORY_LIMIT = 10;

/**
 * Keeps a revision under its full name. What is there under it is only left as it is where it is the very same; where it
 * claims to be the canary's, or one's of the same name that is gone, it is replaced.
 *
 * @returns what was wrong with what was there, if it was not what this canary keeps
 * @throws {KubeError} `RevisionTampered` where something of somebody else is there
 */
export async function storeRevision(
  writer: Writer,
  canary: Canary,
  revision: string,
  kept: KeptRevision,
  keptAt: number,
): Promise<string | undefined> {
  try {
    await post(writer, canary, revision, kept, keptAt);
    return undefined;
  } catch (error) {
    if (!isConflict(error)) throw error;
    const { namespace, name, uid } = canary.metadata;
    const path = objectPath(CONTROLLER_REVISIONS, { namespace, name: keptName(name, revision) });
    const existing = await writer.transport.request<ControllerRevision>({ path, signal: writer.signal });
    if (isSameAs(existing, canary, revision, kept)) return undefined;
    if (!isOfCanary(existing, canary)) {
      const what = `ControllerRevision ${existing.metadata.name} is there already and is not this canary's`;
      throw keptFault('RevisionTampered', `${what}: delete it`);
    }
    await deleteObject(existing, { ...writer, resource: CONTROLLER_REVISIONS });
    await post(writer, canary, revision, kept, keptAt);
    return isOwnedBy(existing, uid) && !isRevisionOf(existing.data, revision)
      ? `ControllerRevision ${existing.metadata.name} was not revision ${shortRevision(revision)}, and is kept anew`
      : undefined;
  }
}

/**
 * Reads a revision, under its full name or under that of an earlier version, and proves that it is the one.
 *
 * @throws {KubeError} 404 where it is not kept, `RevisionTampered` where what is there under its name is something else
 */
export async function loadRevision(
  { transport, signal }: Reader,
  canary: Canary,
  revision: string,
): Promise<KeptRevision> {
  const { namespace, name, uid } = canary.metadata;
  const { lastPromotedSpec, trackedConfigs } = canary.status ?? {};
  const read = (as: string) =>
    transport.request<ControllerRevision>({ path: objectPath(CONTROLLER_REVISIONS, { namespace, name: as }), signal });
  const stored = await read(keptName(name, revision)).catch(async (error: unknown) => {
    if (!isNotFound(error)) throw error;
    const former = await read(formerKeptName(name, revision));
    // Of another revision that begins alike.
    if (former.metadata.annotations?.[REVISION_ANNOTATION] !== revision) throw error;
    return former;
  });
  const isClaimed = claimedRevision(stored, { name, uid }) === revision;
  const isProved = isClaimed && isRevisionOf(stored.data, revision, trackedConfigs);
  // Only a primary that was there before us refers to anything that is not copied, and what it has was promoted.
  if (isProved && (revision === lastPromotedSpec || isAllCopied(stored.data))) return stored.data;
  const what = isClaimed ? 'what is in it has another hash' : 'its owner or its annotation is another';
  throw keptFault(
    'RevisionTampered',
    `ControllerRevision ${stored.metadata.name} is not revision ${shortRevision(revision)}, as ${what}: it is not used; delete it, then release the target anew`,
  );
}

/**
 * Deletes what is beyond the history limit, the oldest first, but for what the primary has and what is being released; and
 * what only claims to be a revision. What an earlier version has kept under a short name is kept under its full one.
 * Objects of others are left alone.
 *
 * @returns what is left, and what is not
 */
export async function pruneStored(writer: Writer, canary: Canary): Promise<Pruned> {
  const { lastPromotedSpec = '', lastAppliedSpec = '' } = canary.status ?? {};
  const needed = new Set([lastPromotedSpec, lastAppliedSpec]);
  const listed = await renamedListed(writer, canary, needed);
  const isNeeded = ({ revision }: Listed) => needed.has(revision);
  const limit = Math.max(0, (canary.spec?.revisionHistoryLimit ?? HISTORY_LIMIT) - needed.size);
  const others = listed.filter((each) => each.isProved && !isNeeded(each));
  const beyond = others.toSorted((one, other) => other.keptAt - one.keptAt).slice(limit);
  const old = [...listed.filter((each) => !each.isProved && !isNeeded(each)), ...beyond].slice(0, MAX_DELETED);
  for (const { metadata } of old) await remove(writer, metadata);
  return { kept: listed.filter((each) => each.isProved && !old.includes(each)), dropped: old };
}

async function renamedListed(writer: Writer, canary: Canary, needed: ReadonlySet<string>): Promise<readonly Listed[]> {
  const { name, namespace, uid } = canary.metadata;
  const listed: Listed[] = [];
  const former: { readonly listed: Listed; readonly data: KeptRevision }[] = [];
  const path = collectionPath(CONTROLLER_REVISIONS, namespace);
  const query = { labelSelector: `${CANARY_LABEL}=${name}` };
  const { transport, signal } = writer;
  const options = { path, query, signal, limit: PAGE, maxPages: MAX_PAGES };
  for await (const page of pages<ControllerRevision>(transport, options)) {
    for (const item of page) {
      const revision = claimedRevision(item, { name, uid });
      if (revision === undefined) continue;
      const { name: as, uid: itsUid, resourceVersion } = item.metadata;
      const isProved = hasItsTemplate(item.data, revision);
      const each: Listed = {
        ...{
          metadata: { name: as, namespace, uid: itsUid, resourceVersion },
          revision,
          keptAt: item.revision,
          isProved,
        },
        ...(isProved && item.data.configs !== undefined && { configs: item.data.configs }),
      };
      // Enough of them to fill a history: a flood is deleted, not renamed.
      const isFormer = as === formerKeptName(name, revision) && isProved;
      if (isFormer && (former.length < HISTORY_LIMIT || needed.has(revision)))
        former.push({ listed: each, data: item.data });
      else listed.push(each);
    }
  }
  for (const { listed: each, data } of former) {
    const isThere = listed.some(({ revision, isProved }) => isProved && revision === each.revision);
    if (!isThere) {
      await storeRevision(writer, canary, each.revision, data, each.keptAt);
      listed.push({ ...each, metadata: { ...each.metadata, name: keptName(name, each.revision) } });
    }
    await remove(writer, each.metadata);
  }
  return listed;
}

/** What somebody is writing just now is looked at again with the next release. */
function remove(writer: Writer, metadata: Listed['metadata']): Promise<void> {
  return deleteUnlessChanged({ metadata }, { ...writer, resource: CONTROLLER_REVISIONS });
}

async function post(
  { transport, fieldManager, fence, signal }: Writer,
  canary: Canary,
  revision: string,
  kept: KeptRevision,
  keptAt: number,
): Promise<void> {
  const { name, namespace } = canary.metadata;
  const body = {
    apiVersion: CONTROLLER_REVISIONS.apiVersion,
    kind: CONTROLLER_REVISIONS.kind,
    metadata: {
      name: keptName(name, revision),
      namespace,
      labels: { [CANARY_LABEL]: name },
      annotations: { [REVISION_ANNOTATION]: revision },
      ownerReferences: [ownerReference(canary)],
    },
    // In milliseconds: two that are kept in one second have an order too.
    revision: keptAt,
    data: kept,
  };
  const path = collectionPath(CONTROLLER_REVISIONS, namespace);
  await transport.request({ method: 'POST', path, query: { fieldManager }, body, fence, signal });
}

function isSameAs(existing: ControllerRevision, canary: Canary, revision: string, kept: KeptRevision): boolean {
  if (claimedRevision(existing, canary.metadata) !== revision || !isRevisionOf(existing.data, revision)) return false;
  const parts = ({ of, configs = {}, live = {} }: KeptRevision) => ({ of, configs, live });
  return isDeepStrictEqual(parts(existing.data), parts(kept));
}

/** Whether it goes with this canary, or with one of its name that is gone. */
function isOfCanary({ metadata }: ControllerRevision, canary: Canary): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ uid, kind, name }) => uid === canary.metadata.uid || (kind === CANARIES.kind && name === canary.metadata.name),
  );
}

function isAllCopied({ of, live = {} }: KeptRevision): boolean {
  return of === 'target' && Object.keys(live).length === 0;
}
