// The canary is held until its target serves again, and then let go.
import { CANARY_LABEL, FINALIZER, MANIFEST_ANNOTATION } from '../api/keys.ts';
import { CANARIES, SERVICES } from '../api/resources.ts';
import { applyObject, type Manifest } from '../kube/apply.ts';
import { isNotFound, KubeError } from '../kube/errors.ts';
import { objectPath } from '../kube/resource.ts';
import type { ActOptions } from './act.ts';
import { pruneCopies } from './config-copies.ts';
import { changedMeanwhile, readDeployment } from './deployments.ts';
import { generatedManifest } from './generated-object.ts';
import { handedBackRoutes, handedBackService } from './hand-back.ts';
import { isMadeFor, ownerReference, targetReference } from './owners.ts';
import { setOwners } from './primary.ts';
import { HANDS_OFF } from './router/generated-metadata.ts';
import { routedOf, type Subject, servicesOf } from './subject.ts';
import { objectionTo } from './take-over.ts';
import type { GeneratedObject } from './world.ts';

type Options = Pick<ActOptions, 'world' | 'writer'>;

/** Applied as the one field that is ours: whoever else applies the canary leaves it there. */
export async function holdCanary({ canary }: Subject, { world, writer }: Options): Promise<void> {
  const { name, namespace, uid } = canary.metadata;
  const manifest = { metadata: { name, namespace, uid, finalizers: [FINALIZER] } };
  world.canaries.wrote(await applyObject(manifest, { ...writer, resource: CANARIES }));
}

/**
 * Lets a canary that is being deleted go.
 *
 * @param collects whether what only the canary needed goes with it. What clients call stays, and is the target's where it was
 *   made for it; without `collects` so does all else
 */
export async function letGo(subject: Subject, collects: boolean, options: Options): Promise<void> {
  if (collects) {
    await releaseCalled(subject, options);
    await disownBackends(subject, options);
    await disownPrimary(subject, options);
    // Of running pods nothing is taken away by it.
    if (options.world.configs !== undefined) await pruneCopies(options.writer, subject.canary, [], []);
  }
  await removeFinalizer(subject, options);
}

/** What clients call is no longer ours: without what says so, GitOps tools look after it again. */
async function releaseCalled(subject: Subject, { world, writer }: Options): Promise<void> {
  const { canary, routes, target, router, names } = subject;
  const service = handedBackService(subject);
  const { desiredWeight = 0 } = canary.status ?? {};
  const ofLayout = names.adopted ? (router?.desired(routedOf(subject), { canaryWeight: desiredWeight }) ?? []) : [];
  const called = [
    ...(service === undefined ? [] : [{ resource: SERVICES, manifest: service, store: world.services }]),
    ...[...handedBackRoutes(subject), ...ofLayout].map((each) => ({ ...each, store: routes.get(each.resource) })),
  ];
  for (const { resource, manifest, store } of called) {
    const existing = store?.get(`${canary.metadata.namespace}/${manifest.metadata.name}`);
    if (existing === undefined || objectionTo(subject, resource, existing) !== undefined) continue;
    const { annotations: _, labels: _labels, ...metadata } = manifest.metadata as GeneratedObject['metadata'];
    const isOurs = target !== undefined && isMadeFor(existing, canary, target);
    // Its labels and annotations stay where it was made, and go where it was there before, as they were added to it.
    const kept = isOurs ? keptMetadata(manifest) : {};
    const owners = isOurs ? { ownerReferences: [targetReference(target)] } : {};
    const { namespace } = canary.metadata;
    const { uid } = existing.metadata;
    await applyObject(
      { ...manifest, metadata: { ...metadata, namespace, uid, ...kept, ...owners } },
      { ...writer, resource },
    );
  }
}

function keptMetadata({ metadata }: Manifest): object {
  const { labels, annotations } = metadata as GeneratedObject['metadata'];
  const without = (map: Readonly<Record<string, string>> | undefined, keys: readonly string[]) =>
    Object.fromEntries(Object.entries(map ?? {}).filter(([each]) => !keys.includes(each)));
  const ours = [MANIFEST_ANNOTATION, ...Object.keys(HANDS_OFF)];
  return { labels: without(labels, [CANARY_LABEL]), annotations: without(annotations, ours) };
}

/** What stands behind them goes with the canary, which is its only owner then. */
async function disownBackends(subject: Subject, { world, writer }: Options): Promise<void> {
  const { canary, router, routes, target, names } = subject;
  if (names.adopted) return;
  const services = servicesOf(subject);
  const called = new Set(
    handedBackRoutes(subject).map(({ resource, manifest }) => `${resource.kind} ${manifest.metadata.name}`),
  );
  const behind = (router?.desired(routedOf(subject), { canaryWeight: 0 }) ?? [])
    // Services are the ones above, and the one that is called.
    .filter(
      ({ resource, manifest }) => resource !== SERVICES && !called.has(`${resource.kind} ${manifest.metadata.name}`),
    )
    .map((each) => ({ ...each, store: routes.get(each.resource) }));
  const all = [
    ...(services === undefined ? [] : [services.primary, services.canary]).map((manifest) => ({
      ...{ resource: SERVICES, manifest, store: world.services },
    })),
    ...behind,
  ];
  for (const { resource, manifest, store } of all) {
    const existing = store?.get(`${canary.metadata.namespace}/${manifest.metadata.name}`);
    if (existing === undefined || !isMadeFor(existing, canary, target)) continue;
    const { uid } = existing.metadata;
    const { metadata, ...ours } = generatedManifest(canary, manifest, undefined);
    // Nothing is made anew of what somebody has deleted meanwhile.
    await applyObject({ ...ours, metadata: { ...metadata, uid } }, { ...writer, resource });
  }
}

async function disownPrimary(subject: Subject, options: Options): Promise<void> {
  const { canary, names, target, primary } = subject;
  if (names.adopted || primary === undefined || !isMadeFor(primary, canary, target)) return;
  const { namespace } = canary.metadata;
  const { metadata } = await readDeployment(options.writer, namespace, names.primary);
  const { ownerReferences = [] } = metadata;
  const both = [canary.metadata.uid, target?.metadata.uid];
  const others = ownerReferences.filter(({ uid }) => !both.includes(uid));
  await setOwners(namespace, metadata, [ownerReference(canary), ...others], options);
}

async function removeFinalizer({ canary }: Subject, { world, writer }: Options): Promise<void> {
  const { uid, finalizers = [] } = canary.metadata;
  const at = finalizers.indexOf(FINALIZER);
  if (at < 0) return;
  const { transport, fieldManager, fence, signal } = writer;
  const body = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: `/metadata/finalizers/${at}`, value: FINALIZER },
    { op: 'remove', path: `/metadata/finalizers/${at}` },
  ];
  try {
    world.canaries.wrote(
      await transport.request({
        ...{ method: 'PATCH', path: objectPath(CANARIES, canary.metadata), query: { fieldManager } },
        ...{ contentType: 'application/json-patch+json', body, fence, signal },
      }),
    );
  } catch (error) {
    // Somebody else has let it go.
    if (isNotFound(error)) return;
    if (error instanceof KubeError && error.status === 422 && /test/i.test(error.message)) {
      throw changedMeanwhile(error.message);
    }
    throw error;
  }
}
