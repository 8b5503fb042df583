// Copies of what a target is configured by: made when its release begins, deleted when no revision that is kept has them.
import type { Canary } from '../api/generated/canary.ts';
import { CANARY_LABEL } from '../api/keys.ts';
import { isConflict, isNotFound, KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/object.ts';
import { collectionPath, objectPath } from '../kube/resource.ts';
import type { ConfigStore } from './config-store.ts';
import { ABSENT } from './decide/configs.ts';
import type { DeploymentRecord } from './deployment-record.ts';
import { changedMeanwhile } from './deployments.ts';
import type { KeptRevision } from './kept-revisions.ts';
import { ownerReference, type Target, targetReference } from './owners.ts';
import { copyName, copyOf, isCopyName } from './workload/config-copies.ts';
import { CONFIG_RESOURCES, type ConfigObject, configDigest, hasSameContents } from './workload/config-object.ts';
import { type ConfigKind, type ConfigReference, configKey } from './workload/config-references.ts';
import type { GenerationOptions } from './workload/workload.ts';
import type { Writer } from './writer.ts';

type Digests = Readonly<Record<string, string>>;

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
 * @throws {KubeError} a 409 where something has other contents by now than the revision has
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
    await makeCopy(canary, kind, source, digest, options, writer);
  }
}

/**
 * Makes copies of a kept revision that somebody has deleted, as long as what they are copies of has not changed since.
 *
 * @throws {KubeError} a 422 where the contents are nowhere any more: without them the pods of the primary would not start
 */
export async function mendCopies(
  canary: Canary,
  { configs = {} }: KeptRevision,
  store: ConfigStore,
  options: CopyOptions,
  writer: Writer,
): Promise<void> {
  const { namespace } = canary.metadata;
  for (const { kind, name, digest } of referencesOf(configs)) {
    const copy = copyName(canary, name, digest);
    if (digest === ABSENT || store.has(kind, `${namespace}/${copy}`)) continue;
    const source = await readConfig(writer, kind, namespace, name);
    if (source !== undefined && configDigest(kind, source) === digest) {
      await makeCopy(canary, kind, source, digest, options, writer);
    } else if ((await readConfig(writer, kind, namespace, copy)) === undefined) {
      const message = `${kind} ${copy}, which the primary needs, is gone, and ${name} has other contents by now`;
      throw new KubeError({ status: 422, reason: 'Invalid', message });
    }
  }
}

async function makeCopy(
  canary: Canary,
  kind: ConfigKind,
  source: ConfigObject,
  digest: string,
  options: CopyOptions,
  writer: Writer,
): Promise<void> {
  const { transport, fieldManager, fence, signal } = writer;
  const copy = copyOf(canary, kind, source, digest, options);
  const { target } = options;
  const owners = [ownerReference(canary), ...(target === undefined ? [] : [targetReference(target)])];
  const body = { ...copy, metadata: { ...copy.metadata, ownerReferences: owners } };
  const { namespace } = canary.metadata;
  const path = collectionPath(CONFIG_RESOURCES[kind], namespace);
  try {
    await transport.request({ method: 'POST', path, query: { fieldManager }, body, fence, signal });
  } catch (error) {
    if (!isConflict(error)) throw error;
    const existing = await readConfig(writer, kind, namespace, copy.metadata.name);
    if (existing === undefined) throw error;
    if (hasSameContents(existing, source)) return;
    const message = `${kind} ${copy.metadata.name} is there already, with other contents than ${source.metadata.name}: delete it`;
    throw new KubeError({ status: 422, reason: 'Invalid', message, cause: error });
  }
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

interface Copy extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly ownerReferences?: readonly { readonly uid: string }[] };
}

/**
 * Deletes the copies that nothing has any more.
 *
 * @param kept all revisions that are kept
 * @param ofPrimary what the primary refers to, whatever is kept
 */
export async function pruneCopies(
  { transport, fence, signal }: Writer,
  canary: Canary,
  kept: readonly KeptRevision[],
  ofPrimary: readonly ConfigReference[],
): Promise<void> {
  const { name, namespace, uid } = canary.metadata;
  const copies = kept.flatMap(({ configs = {} }) =>
    referencesOf(configs).map((each) => ({ kind: each.kind, name: copyName(canary, each.name, each.digest) })),
  );
  const needed = new Set([...copies, ...ofPrimary].map(configKey));
  for (const kind of ['ConfigMap', 'Secret'] as const) {
    const resource = CONFIG_RESOURCES[kind];
    const path = collectionPath(resource, namespace);
    const query = { labelSelector: `${CANARY_LABEL}=${name}` };
    const list = { path, query, accept: METADATA_LIST, signal };
    const { items } = await transport.request<{ readonly items: readonly Copy[] | null }>(list);
    for (const { metadata } of items ?? []) {
      const isOurs = metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
      if (!isOurs || !isCopyName(metadata.name) || needed.has(configKey({ kind, name: metadata.name }))) continue;
      try {
        await transport.request({ method: 'DELETE', path: objectPath(resource, metadata), fence, signal });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }
}

/** `configmap/podinfo-env` is ConfigMap podinfo-env. */
function referencesOf(digests: Digests): readonly { kind: ConfigKind; name: string; digest: string }[] {
  return Object.entries(digests).map(([key, digest]) => {
    const slash = key.indexOf('/');
    return { kind: key.startsWith('secret/') ? 'Secret' : 'ConfigMap', name: key.slice(slash + 1), digest } as const;
  });
}
