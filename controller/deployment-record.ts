import type { CanaryStatus } from '../api/generated/canary.ts';
import { CHANGED_AT_ANNOTATION, CHANGED_BY_ANNOTATION, REVISION_ANNOTATION } from '../api/keys.ts';
import { configuredRevision, isOfTemplate, revisionOf } from '../api/revision.ts';
import type { ConfigFacts } from './config-store.ts';
import type { PrimaryFacts, TargetFacts } from './decide/observation.ts';
import type { DeploymentCondition, DeploymentFacts } from './decide/readiness.ts';
import { type ConfigReference, configReferences } from './workload/config-references.ts';
import type { Deployment, PodTemplate } from './workload/workload.ts';

/** What is kept of each Deployment of the cluster: all that is decided on, and of its pod template little but the identity. */
export interface DeploymentRecord extends Deployment {
  /** Of the whole pod template. */
  readonly revision: string;
  /** The same without when its pods were told to restart; absent where that is nowhere in it. */
  readonly restartless?: string;
  /** What the pod template is configured by. */
  readonly configs: readonly ConfigReference[];
  readonly status: RawStatus;
}

interface RawStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly conditions?: readonly DeploymentCondition[];
}

/** The manifest that kubectl keeps of an object is as large as the object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Makes a record of a Deployment as the API server sends it; of a record it makes the same. */
export function recordOf(
  deployment: Deployment & Partial<Pick<DeploymentRecord, 'status' | 'revision' | 'restartless' | 'configs'>>,
): DeploymentRecord {
  const { metadata, spec, status = {}, revision, configs } = deployment;
  const restartless = revision === undefined ? restartlessRevision(spec.template) : deployment.restartless;
  const { name, namespace, uid, resourceVersion, generation, labels = {}, deletionTimestamp } = metadata;
  const ownerReferences = metadata.ownerReferences?.map((owner) => ({ uid: owner.uid }));
  const { [LAST_APPLIED]: _lastApplied, ...annotations } = metadata.annotations ?? {};
  const { observedGeneration, replicas, updatedReplicas, availableReplicas, conditions } = status;
  return {
    metadata: {
      ...{ name, namespace, uid, resourceVersion, generation, labels, annotations },
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(ownerReferences !== undefined && { ownerReferences }),
    },
    spec: { ...spec, template: shapeOf(spec.template) },
    revision: revision ?? revisionOf(spec.template),
    ...(restartless !== undefined && { restartless }),
    configs: configs ?? configReferences(spec.template),
    status: {
      ...(observedGeneration !== undefined && { observedGeneration }),
      ...(replicas !== undefined && { replicas }),
      ...(updatedReplicas !== undefined && { updatedReplicas }),
      ...(availableReplicas !== undefined && { availableReplicas }),
      ...(conditions !== undefined && { conditions }),
    },
  };
}

/** `kubectl rollout restart` writes it: the pods are made anew, and are the same. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

function restartlessRevision({ metadata = {}, ...template }: PodTemplate): string | undefined {
  const { annotations = {}, ...rest } = metadata;
  if (annotations[RESTARTED_AT] === undefined) return undefined;
  const { [RESTARTED_AT]: _, ...others } = annotations;
  const isEmpty = Object.keys(others).length === 0;
  return revisionOf({ ...template, metadata: { ...rest, ...(!isEmpty && { annotations: others }) } });
}

/** The hash by which a primary is compared with what was written into it. */
export function writtenTemplate({ revision, restartless }: DeploymentRecord): string {
  return restartless ?? revision;
}

/** The longest that a registry takes is less. */
const LONGEST_IMAGE = 512;

/** What Services are made from, and what alerts name: the images. */
function shapeOf({ metadata, spec }: PodTemplate): PodTemplate {
  const containers = (spec?.containers ?? []).map(({ name, image, ports }) => ({
    name,
    ...(image !== undefined && { image: image.slice(0, LONGEST_IMAGE) }),
    ...(ports !== undefined && { ports }),
  }));
  return { metadata: { ...(metadata?.labels !== undefined && { labels: metadata.labels }) }, spec: { containers } };
}

function factsOf({ metadata, spec, status }: DeploymentRecord): DeploymentFacts {
  const { name, namespace, generation } = metadata;
  return {
    ...{ name, namespace, generation },
    observedGeneration: status.observedGeneration ?? 0,
    replicas: spec.replicas ?? 1,
    statusReplicas: status.replicas ?? 0,
    updatedReplicas: status.updatedReplicas ?? 0,
    availableReplicas: status.availableReplicas ?? 0,
    conditions: status.conditions ?? [],
  };
}

/** Not the revision of anything. */
const UNKNOWN_REVISION = 'unknown';

/** @param seen as the target was seen last: what cannot be read is taken for unchanged, and nothing is begun with it */
export function targetFacts(
  record: DeploymentRecord,
  { digests, unread }: ConfigFacts,
  seen: CanaryStatus['target'],
): TargetFacts {
  const { annotations = {} } = record.metadata;
  const revision = annotations[REVISION_ANNOTATION];
  const username = annotations[CHANGED_BY_ANNOTATION];
  const changedAt = annotations[CHANGED_AT_ANNOTATION];
  const isStamped = revision !== undefined && username !== undefined && changedAt !== undefined;
  return {
    ...factsOf(record),
    uid: record.metadata.uid,
    revision: unread === undefined ? configuredRevision(record.revision, digests) : seenRevision(record, seen),
    templateRevision: record.revision,
    configs: digests,
    ...(unread !== undefined && { unread }),
    isGoing: record.metadata.deletionTimestamp !== undefined,
    ...(isStamped && !Number.isNaN(Date.parse(changedAt)) && { change: { revision, username, changedAt } }),
  };
}

function seenRevision({ metadata, revision }: DeploymentRecord, seen: CanaryStatus['target']): string {
  const isSeen = seen?.uid === metadata.uid && isOfTemplate(seen.revision, revision);
  return isSeen ? seen.revision : UNKNOWN_REVISION;
}

export function primaryFacts(record: DeploymentRecord): PrimaryFacts {
  const revision = record.metadata.annotations?.[REVISION_ANNOTATION];
  return {
    ...factsOf(record),
    ...{ revision, template: writtenTemplate(record), uid: record.metadata.uid },
    mayBeEmptied: mayBeEmptied(record.spec),
  };
}

interface Strategy {
  readonly type?: string;
  readonly rollingUpdate?: { readonly maxUnavailable?: number | string };
}

function mayBeEmptied({ replicas = 1, strategy }: DeploymentRecord['spec']): boolean {
  const { type, rollingUpdate = {} } = (strategy ?? {}) as Strategy;
  const { maxUnavailable = 0 } = rollingUpdate;
  // A share is rounded down, so that only all of them is all of them.
  return (
    type === 'Recreate' ||
    maxUnavailable === '100%' ||
    (typeof maxUnavailable === 'number' && maxUnavailable >= replicas)
  );
}
