// The primary: made, taken over, or given another revision.
import { isDeepStrictEqual } from 'node:util';
import type { Operation } from 'fast-json-patch';
import { CANARY_LABEL, REVISION_ANNOTATION } from '../api/keys.ts';
import { DEPLOYMENTS } from '../api/resources.ts';
import { configuredRevision, revisionOf } from '../api/revision.ts';
import { addPairs } from '../kube/add-pairs.ts';
import { KubeError } from '../kube/errors.ts';
import { collectionPath } from '../kube/resource.ts';
import type { ActOptions } from './act.ts';
import { mendCopies, mendFormerCopy, missingCopies } from './config-copies.ts';
import { withoutCopies } from './copied-configs.ts';
import { warning } from './decide/texts.ts';
import { recordOf, writtenTemplate } from './deployment-record.ts';
import { changedMeanwhile, patchDeployment, readDeployment, releaseOf, targetTemplate } from './deployments.ts';
import { keepTarget, readKept } from './keep-target.ts';
import type { KeptRevision } from './kept-revisions.ts';
import { isOwnedBy, ownersOf, targetReference } from './owners.ts';
import type { Subject } from './subject.ts';
import { withCopies } from './workload/config-copies.ts';
import { configKey, configReferences } from './workload/config-references.ts';
import { primaryDeployment, primaryPatch, primaryTemplate } from './workload/primary.ts';
import { podSelector } from './workload/selector.ts';
import type { Deployment, PodTemplate, Release } from './workload/workload.ts';

type Options = Pick<ActOptions, 'world' | 'clock' | 'writer' | 'tell'>;

/** @param ofRevision that was kept; without one, the target as it stands, which is kept */
export async function createPrimary(subject: Subject, ofRevision: string | undefined, options: Options): Promise<void> {
  const { world, writer } = options;
  const { canary, target } = subject;
  const release = releaseOf(subject);
  const revision = ofRevision ?? revisionOfTarget(subject);
  const kept =
    ofRevision === undefined
      ? await keepTarget(subject, { revision }, options)
      : await readKept(subject, ofRevision, options);
  if (world.configs !== undefined) await mendCopies(canary, kept, { ...release.options, target }, writer);
  const template = withCopies(canary, kept.template, kept.configs);
  // One that was deleted comes back as large as it was: at rest the target wants no pod.
  const before = world.lastReplicas(`${canary.metadata.namespace}/${release.names.primary}`);
  const { primaryReplicas = 1 } = canary.status ?? {};
  const replicas = Math.max(primaryReplicas, before ?? release.target.spec.replicas ?? 1);
  const generated = primaryDeployment(release, template, replicas);
  const spec = generated['spec'] as object;
  const manifest = kept.of === 'target' ? generated : { ...generated, spec: { ...spec, template: kept.template } };
  const { labels, annotations } = manifest.metadata;
  const body = {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      labels: { ...labels, [CANARY_LABEL]: canary.metadata.name },
      annotations: { ...annotations, [REVISION_ANNOTATION]: revision },
      ownerReferences: ownersOf(canary, target),
    },
  };
  const { transport, fieldManager, fence, signal } = writer;
  const path = collectionPath(DEPLOYMENTS, canary.metadata.namespace);
  const query = { fieldManager };
  const written = recordOf(await transport.request<Deployment>({ method: 'POST', path, query, body, fence, signal }));
  world.deployments.wrote(written);
  world.primaries.wrote(written, revision);
  world.revisions.promoted(canary);
}

/**
 * A primary that was there before us, Flagger's or the user's own. With the pods of the target as it stands it is at that
 * revision; with others it is at one of its own, and what the target is at has yet to be released.
 */
export async function takeOverPrimary(subject: Subject, options: Options): Promise<void> {
  const { world, clock, writer, tell } = options;
  const { canary, names } = subject;
  const release = releaseOf(subject);
  const { namespace } = canary.metadata;
  const primary = await readDeployment(writer, namespace, names.primary);
  if (!names.adopted) assertIsPrimaryOf(release, primary);
  const template = await targetTemplate(subject, subject.target?.revision ?? '', writer);
  const isFollowed = world.configs !== undefined;
  const read = isFollowed
    ? await withoutCopies(subject, primary.spec.template, writer)
    : { template: primary.spec.template, live: NONE };
  const isSame = isDeepStrictEqual(
    withoutTraces(primaryTemplate(release, template, primary)),
    withoutTraces(read.template),
  );
  const revision = isSame ? revisionOfTarget(subject) : revisionOf(primary.spec.template);
  if (isSame) {
    await keepTarget(subject, { revision, live: read.live }, options);
  } else {
    const kept: KeptRevision = { of: 'primary', template: primary.spec.template };
    const fault = await world.revisions.keep(writer, canary, revision, kept, clock.date());
    if (fault !== undefined) tell(canary, warning('Keep', fault));
  }
  const body = [
    { op: 'test', path: '/metadata/uid', value: primary.metadata.uid },
    { op: 'test', path: '/metadata/generation', value: primary.metadata.generation },
    ...addPairs('/metadata/annotations', primary.metadata.annotations, { [REVISION_ANNOTATION]: revision }),
  ];
  const written = await patchDeployment(writer, namespace, names.primary, body);
  world.deployments.wrote(written);
  world.primaries.wrote(written, revision);
  world.revisions.promoted(canary);
}

const NONE: ReadonlySet<string> = new Set();

/** As it was decided about; what it is configured by included. */
function revisionOfTarget({ target, configs }: Subject): string {
  return configuredRevision(target?.revision ?? '', configs.digests);
}

/** A Deployment that only has the name of a primary is somebody's own, and its pods are not what our Services lead to. */
function assertIsPrimaryOf(release: Release, { metadata: { name }, spec }: Deployment): void {
  const { label, primaryValue } = podSelector(release);
  if (spec.selector.matchLabels?.[label] === primaryValue) return;
  const message = `Deployment ${name} is there already and does not select its pods by ${label}=${primaryValue}: rename it, or the target`;
  throw new KubeError({ status: 422, reason: 'Invalid', message });
}

/** What Flagger writes into the primary's pods alone, and what an API server writes or leaves out as it likes. */
function withoutTraces(template: PodTemplate): unknown {
  const { annotations = {}, labels = {} } = template.metadata ?? {};
  const { 'flagger-id': _, ...rest } = annotations;
  return JSON.parse(JSON.stringify({ spec: template.spec, labels, annotations: rest })) as unknown;
}

/** From an older controller, or with a target that was made anew since. */
export async function sharePrimary({ canary, target, names }: Subject, { world, writer }: Options): Promise<void> {
  if (target === undefined) throw changedMeanwhile(`Deployment ${names.target.name} is gone`);
  const { namespace } = canary.metadata;
  const { metadata } = await readDeployment(writer, namespace, names.primary);
  if (isOwnedBy({ metadata }, target.metadata.uid)) return;
  const value = [...(metadata.ownerReferences ?? []), targetReference(target)];
  await setOwners(namespace, metadata, value, { world, writer });
}

/** All of them at once, if nobody has written the primary since it was read. */
export async function setOwners(
  namespace: string,
  { name, uid, resourceVersion }: Deployment['metadata'],
  value: readonly object[],
  { world, writer }: Pick<Options, 'world' | 'writer'>,
): Promise<void> {
  const body = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/ownerReferences', value },
  ];
  world.deployments.wrote(await patchDeployment(writer, namespace, name, body));
}

/** @throws {KubeError} a 422 where what is gone is nowhere any more */
export async function mendPrimary(subject: Subject, revision: string, options: Options): Promise<void> {
  const { world, writer } = options;
  const { canary, primary } = subject;
  const { configs: store } = world;
  if (store === undefined || primary === undefined) return;
  const kept = await readKept(subject, revision, options);
  const copying = { ...releaseOf(subject).options, target: subject.target };
  const known = new Set(configReferences(withCopies(canary, kept.template, kept.configs)).map(configKey));
  for (const lost of missingCopies(primary, store)) {
    if (known.has(configKey(lost)) || (await mendFormerCopy(canary, kept, lost, copying, writer))) continue;
    const message = `${lost.kind} ${lost.name}, which the primary needs, is gone`;
    throw new KubeError({ status: 422, reason: 'Invalid', message });
  }
  await mendCopies(canary, kept, copying, writer);
}

export async function setPrimary(subject: Subject, revision: string, options: Options): Promise<void> {
  const { world, writer } = options;
  const { canary, names, primary } = subject;
  if (primary === undefined) throw changedMeanwhile(`Deployment ${names.primary} is gone`);
  const kept = await readKept(subject, revision, options);
  if (world.configs !== undefined)
    await mendCopies(canary, kept, { ...releaseOf(subject).options, target: subject.target }, writer);
  const body = patchOf(subject, primary, kept, revision);
  const written = await patchDeployment(writer, canary.metadata.namespace, names.primary, body);
  world.deployments.wrote(written);
  world.primaries.wrote(written, revision);
  world.revisions.promoted(canary);
}

function patchOf(subject: Subject, primary: Deployment, kept: KeptRevision, revision: string): readonly Operation[] {
  const template = withCopies(subject.canary, kept.template, kept.configs);
  return primaryPatch(releaseOf(subject), template, revision, primary).map((operation) =>
    kept.of === 'primary' && operation.path === '/spec/template' ? { ...operation, value: kept.template } : operation,
  );
}

/** Asks the API server what it would make of our write, with the defaults and webhooks that it has by now. */
export async function comparePrimary(subject: Subject, revision: string, { world, writer }: Options): Promise<void> {
  const { canary, names, primary } = subject;
  if (primary === undefined) throw changedMeanwhile(`Deployment ${names.primary} is gone`);
  try {
    const kept = await world.revisions.read(writer, canary, revision);
    const body = patchOf(subject, primary, kept, revision);
    const { namespace } = canary.metadata;
    const would = await patchDeployment(writer, namespace, names.primary, body, { dryRun: 'All' });
    world.primaries.wouldWrite(primary, writtenTemplate(would));
  } catch (error) {
    // A webhook that takes no dry run, or a revision that is not kept: then it is told as drift.
    if (!(error instanceof KubeError) || ![400, 403, 404, 422].includes(error.status)) throw error;
    world.primaries.wouldWrite(primary, '');
  }
}

/** Of the very spec that was observed: an autoscaler, or a person, may have been faster. */
export async function scalePrimary(subject: Subject, replicas: number, { world, writer }: Options): Promise<void> {
  const { canary, names, primary } = subject;
  if (primary === undefined) throw changedMeanwhile(`Deployment ${names.primary} is gone`);
  const body = [
    { op: 'test', path: '/metadata/uid', value: primary.metadata.uid },
    { op: 'test', path: '/metadata/generation', value: primary.metadata.generation },
    { op: 'add', path: '/spec/replicas', value: replicas },
  ];
  world.deployments.wrote(await patchDeployment(writer, canary.metadata.namespace, names.primary, body));
}
