// Copies of what a target is configured by: made when its release begins, deleted when no revision that is kept has them.
import type { Canary } from '../api/generated/canary.ts';
import { CANARY_LABEL, SOURCE_UID_ANNOTATION } from '../api/keys.ts';
import { deleteObject, deleteUnlessChanged } from '../kube/delete-object.ts';
import { isConflict, isNotFound, KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/object.ts';
import { pages } from '../kube/pages.ts';
import { collectionPath, objectPath } from '../kube/resource.ts';
import type { ConfigStore } from './config-store.ts';
import { ABSENT } from './decide/configs.ts';
import type { DeploymentRecord } from './deployment-record.ts';
import { changedMeanwhile } from './deployments.ts';
import type { KeptRevision, PrunedRevision } from './kept-revisions.ts';
import { isOwnedBy, ownerReference, type Target, targetReference } from './owners.ts';
import { keptFault } from './tampered.ts';
import { copyName, copyOf, formerCopyName, isCopyName } from './workload/config-copies.ts';
import { CONFIG_RESOURCES, type ConfigObject, configDigest } from './workload/config-object.ts';
import { type ConfigKind, type ConfigReference, configKey } from './workload/config-references.ts';
import type { GenerationOptions } from './workload/workload.ts';
import type { Writer } from './writer.ts';

type Digests = Readonly<Record<string, string>>;

/** What is copied, and with which contents. */
interface Copied {
  readonly kind: ConfigKind;
  readonly name: string;
  readonly digest: string;
}

export interface CopyOptions extends Pick<GenerationOptions, 'includeLabelPrefixes'> {
  /** Whose they are too: a primary that stays without its canary goes on needing them. */
  readonly target?: Target | undefined;
}

/** An object with its contents; `undefined` where there is none. */
export async function readConfig(
  { transport, signal }: Pick<Writer, 'transport' | 'signal'>,
  kind: ConfigKind,
  namespace: string,
  name: string,
): Promise<ConfigObject | undefined> {
  try {
    const path = objectPath(CONFIG_RESOURCES[kind], { namespace, name });
    return await transport.request<ConfigObject>({ path, signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Makes the copies that a revision has, where they are not there yet.
 *
 * @throws {KubeError} a 409 where something has other contents by now than the revision has; `CopyTampered`
 */
export async function makeCopies(
  canary: Canary,
  digests: Digests,
  options: CopyOptions,
  writer: Writer,
): Promise<void> {
  for (const { kind, name, digest } of referencesOf(digests)) {
    if (digest === ABSENT) continue;
    const source = await readConfig(writer, kind, canary.metadata.namespace, name);
    if (source === undefined || configDigest(kind, source) !== digest)
      throw changedMeanwhile(`${kind} ${name} has changed`);
    await makeCopy(canary, { kind, name, digest }, source, options, writer);
  }
}

/**
 * Sees to it that a primary which is about to be written finds the copies of a kept revision, each with the contents that were
 * analysed. Those that somebody has deleted, or replaced in our name, are made again, as long as their contents are there.
 *
 * @throws {KubeError} a 422 where the contents are nowhere any more: without them the pods of the primary would not start;
 *   `CopyTampered` where something else has the name of a copy
 */
export async function mendCopies(
  canary: Canary,
  { configs = {} }: Pick<KeptRevision, 'configs'>,
  options: CopyOptions,
  writer: Writer,
): Promise<void> {
  const { namespace } = canary.metadata;
  for (const reference of referencesOf(configs)) {
    const { kind, name, digest } = reference;
    const copy = copyName(canary, name, digest);
    const existing = await readConfig(writer, kind, namespace, copy);
    if (digest === ABSENT) {
      if (existing === undefined) continue;
      const what = `${kind} ${copy} stands for a ${name} that is not there, and somebody has made it`;
      throw keptFault('CopyTampered', `${what}: delete it`);
    }
    // Most prove themselves.
    if (existing !== undefined && isCopyOf(canary, reference, existing, undefined)) continue;
    const source = await readConfig(writer, kind, namespace, name);
    if (existing !== undefined && isCopyOf(canary, reference, existing, source)) continue;
    if (source !== undefined && configDigest(kind, source) === digest) {
      await makeCopy(canary, reference, source, options, writer);
      continue;
    }
    const former = await readConfig(writer, kind, namespace, formerCopyName(canary, name, digest));
    const uid =
      former && isCopyOf(canary, reference, former, source) ? keyedWith(reference, former, source) : undefined;
    if (former === undefined || uid === undefined)
      throw existing === undefined ? lostCopy(kind, copy, name) : oddCopy(kind, copy, name);
    const contents = { ...former, metadata: { ...former.metadata, name, uid } };
    await makeCopy(canary, reference, contents, options, writer);
  }
}

/**
 * Makes a copy again that the primary refers to by the name of an earlier version, if it is one of these.
 *
 * @returns whether it is
 */
export async function mendFormerCopy(
  canary: Canary,
  { configs = {} }: Pick<KeptRevision, 'configs'>,
  lost: ConfigReference,
  options: CopyOptions,
  writer: Writer,
): Promise<boolean> {
  const reference = referencesOf(configs).find(
    ({ kind, name, digest }) => kind === lost.kind && formerCopyName(canary, name, digest) === lost.name,
  );
  if (reference === undefined) return false;
  const { kind, name, digest } = reference;
  const source = await readConfig(writer, kind, canary.metadata.namespace, name);
  if (source === undefined || configDigest(kind, source) !== digest) throw lostCopy(kind, lost.name, name);
  await makeCopy(canary, reference, source, { ...options, as: lost.name }, writer);
  return true;
}

function lostCopy(kind: ConfigKind, copy: string, name: string): KubeError {
  const message = `${kind} ${copy}, which the primary needs, is gone, and ${name} has other contents by now`;
  return new KubeError({ status: 422, reason: 'Invalid', message });
}

function oddCopy(kind: ConfigKind, copy: string, name: string): KubeError {
  const message = `${kind} ${copy} is there already, and is not the copy of ${name} that this canary makes: delete it`;
  return keptFault('CopyTampered', message);
}

async function makeCopy(
  canary: Canary,
  reference: Copied,
  source: ConfigObject,
  options: CopyOptions & { readonly as?: string },
  writer: Writer,
): Promise<void> {
  const { kind, name, digest } = reference;
  const { transport, fieldManager, fence, signal } = writer;
  const copy = copyOf(canary, kind, source, digest, options);
  const { target, as = copy.metadata.name } = options;
  const owners = [ownerReference(canary), ...(target === undefined ? [] : [targetReference(target)])];
  const body = { ...copy, metadata: { ...copy.metadata, name: as, ownerReferences: owners } };
  const { namespace } = canary.metadata;
  const path = collectionPath(CONFIG_RESOURCES[kind], namespace);
  const post = () => transport.request({ method: 'POST', path, query: { fieldManager }, body, fence, signal });
  try {
    await post();
  } catch (error) {
    if (!isConflict(error)) throw error;
    const existing = await readConfig(writer, kind, namespace, as);
    if (existing === undefined) throw error;
    if (isCopyOf(canary, reference, existing, source)) return;
    // What is not ours is somebody's, and what has our name on it is no use to anybody else.
    if (!isOwnedBy(existing, canary.metadata.uid)) throw oddCopy(kind, as, name);
    await deleteObject(existing, { ...writer, resource: CONFIG_RESOURCES[kind] });
    await post();
  }
}

/**
 * Whether an object is the copy that this canary makes: owned by it, with the contents that the digest is of, and never to
 * have others.
 */
function isCopyOf(canary: Canary, reference: Copied, copy: ConfigObject, source: ConfigObject | undefined): boolean {
  if (!isOwnedBy(copy, canary.metadata.uid) || copy.immutable !== true) return false;
  return keyedWith(reference, copy, source) !== undefined;
}

/**
 * The uid with which the digest of a copy's contents is the one that is wanted; `undefined` where its contents are others.
 * Nobody finds a uid that makes it so for contents of their own. Copies of earlier versions do not have it.
 */
function keyedWith({ kind, digest }: Copied, copy: ConfigObject, source: ConfigObject | undefined): string | undefined {
  const uids = [copy.metadata.annotations?.[SOURCE_UID_ANNOTATION], source?.metadata.uid, copy.metadata.uid];
  return uids.find(
    (uid) => uid !== undefined && configDigest(kind, { ...copy, metadata: { ...copy.metadata, uid } }) === digest,
  );
}

/** Copies that a primary cannot start a pod without, and that are not there. */
export function missingCopies(
  { metadata, configs }: Pick<DeploymentRecord, 'metadata' | 'configs'>,
  store: Pick<ConfigStore, 'has'>,
): readonly ConfigReference[] {
  return configs.filter(
    ({ kind, name, optional }) => !optional && isCopyName(name) && !store.has(kind, `${metadata.namespace}/${name}`),
  );
}

/** Of lists, no contents are asked for. */
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Labels and annotations of an object have 512 KB at most together. */
const PAGE = 100;
/** Of a flood, the rest is left for the next release. */
const MAX_PAGES = 50;

interface Copy extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly ownerReferences?: readonly { readonly uid: string }[] };
}

/**
 * Deletes the copies that nothing has any more. Those of Secrets are only those of the promoted revision, of the one that was
 * released last and of what the primary refers to: nothing else is ever written into a primary again, and a value that was
 * changed because somebody has seen it is not to live on.
 *
 * @param kept all revisions that are kept
 * @param ofPrimary what the primary refers to, whatever is kept
 */
export async function pruneCopies(
  writer: Writer,
  canary: Canary,
  kept: readonly PrunedRevision[],
  ofPrimary: readonly ConfigReference[],
): Promise<void> {
  const { name, namespace, uid } = canary.metadata;
  const { lastPromotedSpec, lastAppliedSpec } = canary.status ?? {};
  const copies = kept.flatMap(({ revision, configs = {} }) => {
    const isCurrent = revision === lastPromotedSpec || revision === lastAppliedSpec;
    const needed = referencesOf(configs).filter(({ kind }) => kind === 'ConfigMap' || isCurrent);
    return needed.flatMap((each) =>
      [copyName, formerCopyName].map((of) => ({ kind: each.kind, name: of(canary, each.name, each.digest) })),
    );
  });
  const needed = new Set([...copies, ...ofPrimary].map(configKey));
  const { transport, signal } = writer;
  for (const kind of ['ConfigMap', 'Secret'] as const) {
    const resource = CONFIG_RESOURCES[kind];
    const path = collectionPath(resource, namespace);
    const query = { labelSelector: `${CANARY_LABEL}=${name}` };
    const list = { path, query, accept: METADATA_LIST, signal, limit: PAGE, maxPages: MAX_PAGES };
    for await (const items of pages<Copy>(transport, list)) {
      for (const { metadata } of items) {
        const isOurs = metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
        if (!isOurs || !isCopyName(metadata.name) || needed.has(configKey({ kind, name: metadata.name }))) continue;
        await deleteUnlessChanged({ metadata }, { ...writer, resource });
      }
    }
  }
}

/** `configmap/podinfo-env` is ConfigMap podinfo-env. */
function referencesOf(digests: Digests): readonly Copied[] {
  return Object.entries(digests).map(([key, digest]) => {
    const slash = key.indexOf('/');
    return { kind: key.startsWith('secret/') ? 'Secret' : 'ConfigMap', name: key.slice(slash + 1), digest } as const;
  });
}
