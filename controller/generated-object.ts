import type { Canary } from '../api/generated/canary.ts';
import { CANARY_LABEL, MANIFEST_ANNOTATION } from '../api/keys.ts';
import { SERVICES } from '../api/resources.ts';
import { revisionOf, shortRevision } from '../api/revision.ts';
import type { Manifest } from '../kube/apply.ts';
import { covers } from './covers.ts';
import { isMadeFor, ownersOf, type Target } from './owners.ts';
import type { GeneratedObject } from './world.ts';

type Labelled = Manifest & {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
};

/**
 * A manifest as it is applied: in the canary's namespace, with its label, with a digest of what is ours, and owned by the
 * canary and its target unless the object was there before them, in which case it stays when they go.
 */
export function generatedManifest(
  canary: Canary,
  manifest: Labelled,
  existing: GeneratedObject | undefined,
  target?: Target,
): Manifest {
  const { name, namespace } = canary.metadata;
  const { labels, annotations } = manifest.metadata;
  const metadata = { ...manifest.metadata, namespace, labels: { ...labels, [CANARY_LABEL]: name } };
  const digest = shortRevision(revisionOf({ ...manifest, metadata }));
  const isOurs = existing === undefined || isMadeFor(existing, canary, target);
  return {
    ...manifest,
    metadata: {
      ...metadata,
      annotations: { ...annotations, [MANIFEST_ANNOTATION]: digest },
      ...(isOurs && { ownerReferences: ownersOf(canary, target) }),
    },
  };
}

/** Whether an object is as its manifest says, with nothing left of what an earlier manifest said. */
export function isAsGenerated(existing: GeneratedObject | undefined, manifest: Manifest): boolean {
  if (existing === undefined) return false;
  // Its kind and version are not in what a list has of it.
  const { kind, apiVersion: _, metadata, ...content } = manifest;
  const { ownerReferences = [], ...named } = metadata as GeneratedObject['metadata'];
  const { metadata: there } = existing;
  // Somebody else may own it too, and their order says nothing.
  if (!ownerReferences.every(({ uid }) => there.ownerReferences?.some((owner) => owner.uid === uid))) return false;
  const spec = kind === SERVICES.kind ? withOurPorts(existing.spec, manifest['spec']) : existing.spec;
  return covers({ ...existing, spec }, { ...content, metadata: named });
}

/** Of an object, what it was found to be as: most looks at a canary find what the one before has found, at a tenth of the cost. */
const found = new WeakMap<GeneratedObject, string>();

/** The same of what a canary wants an object to be. */
export function isAsWanted(
  canary: Canary,
  manifest: Labelled,
  existing: GeneratedObject | undefined,
  target: Target | undefined,
): boolean {
  if (existing === undefined) return false;
  // All that is compared with the object.
  const wanted = JSON.stringify([canary.metadata.name, target?.metadata.uid, ownersOf(canary, target), manifest]);
  if (found.get(existing) === wanted) return true;
  const isSo = isAsGenerated(existing, generatedManifest(canary, manifest, existing, target));
  if (isSo) found.set(existing, wanted);
  return isSo;
}

interface PortList {
  readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
}

/**
 * The spec of a Service with, of its ports, those that we have too, in our order. They are a list by port and protocol: what
 * we apply leaves those of others there, on a Service of the user's own or on one of ours.
 */
function withOurPorts(existing: unknown, wanted: unknown): unknown {
  const { ports: there = [], ...rest } = (existing ?? {}) as PortList;
  const { ports: ours = [] } = (wanted ?? {}) as PortList;
  const same = ours.map(({ port, protocol }) => there.find((each) => each.port === port && each.protocol === protocol));
  return { ...rest, ports: same.filter((each) => each !== undefined) };
}
