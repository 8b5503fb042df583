// The primary's HorizontalPodAutoscaler: seen, made, brought back to what it should be, and deleted.
import { autoscalerNames } from '../api/autoscaler-names.ts';
import { findingText } from '../api/finding.ts';
import type { Canary } from '../api/generated/canary.ts';
import { CANARY_LABEL } from '../api/keys.ts';
import type { ReleaseNames } from '../api/names.ts';
import { HORIZONTAL_POD_AUTOSCALERS } from '../api/resources.ts';
import { addPairs } from '../kube/add-pairs.ts';
import { deleteUnlessChanged } from '../kube/delete-object.ts';
import { collectionPath, objectPath } from '../kube/resource.ts';
import type { ActOptions } from './act.ts';
import { type AutoscalerRecord, autoscalerRecord, promotedScaler } from './autoscaler-record.ts';
import { covers } from './covers.ts';
import type { AutoscalerFacts, Refusal } from './decide/observation.ts';
import { SCALER_MISSING } from './decide/rules/autoscaling.ts';
import { changedMeanwhile } from './deployments.ts';
import { isOwnedBy, ownerReference } from './owners.ts';
import type { Subject } from './subject.ts';
import { type AutoscalerManifest, primaryAutoscaler } from './workload/autoscaler.ts';
import type { GenerationOptions } from './workload/workload.ts';
import type { World } from './world.ts';

/** The autoscalers of a canary that names one, as far as they are there. */
export interface SubjectAutoscaler {
  readonly ofTarget: AutoscalerRecord | undefined;
  readonly ofPrimary: AutoscalerRecord | undefined;
  /** What the primary's should be; `undefined` before the target's was copied. */
  readonly wanted: AutoscalerManifest | undefined;
}

export async function autoscalerOf(
  canary: Canary,
  names: ReleaseNames,
  options: GenerationOptions,
  world: World,
): Promise<SubjectAutoscaler | undefined> {
  const { metadata, spec, status = {} } = canary;
  const own = autoscalerNames(spec);
  if (own === undefined) return undefined;
  const { namespace } = metadata;
  const store = await world.autoscalers();
  const ofTarget = store.get(`${namespace}/${own.target}`);
  const { scaler } = status;
  const wanted =
    scaler &&
    primaryAutoscaler(scaler, {
      ...{ namespace, primary: names.primary, spec, status, options },
      metadata: ofTarget?.metadata ?? {},
    });
  return { ofTarget, ofPrimary: wanted && store.get(`${namespace}/${wanted.metadata.name}`), wanted };
}

export function autoscalerFacts({ metadata }: Canary, { ofTarget, ofPrimary, wanted }: SubjectAutoscaler) {
  return {
    ofTarget: ofTarget && promotedScaler(ofTarget),
    isTrue: wanted !== undefined && ofPrimary !== undefined && isAs(ofPrimary, wanted, metadata.name),
  } satisfies AutoscalerFacts;
}

/** Why there is nothing to promote, and what to do about it. */
export function* autoscalerRefusals({ spec }: Canary, { ofTarget }: SubjectAutoscaler): Iterable<Refusal> {
  const { name = '' } = spec.autoscalerRef ?? {};
  const refusal = (reason: string, message: string): Refusal => ({
    ...{ reason, holds: 'releases' },
    message: findingText({ path: 'spec.autoscalerRef', message }),
  });
  if (ofTarget === undefined) {
    const message = `there is no HorizontalPodAutoscaler ${name}: make it, or remove autoscalerRef`;
    yield refusal(SCALER_MISSING, message);
  } else if (promotedScaler(ofTarget) === undefined) {
    yield refusal(SCALER_MISSING, `the metrics of HorizontalPodAutoscaler ${name} are too large to be copied`);
  }
}

/** What the API server fills in beside it does not count, but for a whole behavior that nobody promoted. */
function isAs({ metadata, spec }: AutoscalerRecord, wanted: AutoscalerManifest, canary: string): boolean {
  const labels = { ...wanted.metadata.labels, [CANARY_LABEL]: canary };
  const sameParts = (spec.behavior === undefined) === (wanted.spec['behavior'] === undefined);
  return sameParts && covers({ metadata, spec }, { metadata: { ...wanted.metadata, labels }, spec: wanted.spec });
}

/**
 * Makes it, or replaces its spec whole: server-side apply would leave in it what others have added. One that was there
 * before the canary keeps its owners, and stays when the canary goes.
 */
export async function applyAutoscaler(
  { canary, autoscaler }: Subject,
  { world, writer }: Pick<ActOptions, 'world' | 'writer'>,
): Promise<void> {
  if (autoscaler?.wanted === undefined) throw changedMeanwhile('there is no autoscaler to copy any more');
  const { wanted, ofPrimary } = autoscaler;
  const { namespace } = canary.metadata;
  const { name, labels, annotations } = wanted.metadata;
  const ours = { ...labels, [CANARY_LABEL]: canary.metadata.name };
  const { transport, fieldManager, fence, signal } = writer;
  const request = { query: { fieldManager }, fence, signal };
  const path = objectPath(HORIZONTAL_POD_AUTOSCALERS, { namespace, name });
  const written = await (ofPrimary === undefined
    ? transport.request<AutoscalerRecord>({
        ...request,
        ...{ method: 'POST', path: collectionPath(HORIZONTAL_POD_AUTOSCALERS, namespace) },
        body: {
          ...wanted,
          metadata: { ...wanted.metadata, labels: ours, ownerReferences: [ownerReference(canary)] },
        },
      })
    : transport.request<AutoscalerRecord>({
        ...request,
        ...{ method: 'PATCH', path, contentType: 'application/json-patch+json' },
        body: [
          { op: 'test', path: '/metadata/uid', value: ofPrimary.metadata.uid },
          { op: 'replace', path: '/spec', value: wanted.spec },
          ...addPairs('/metadata/labels', ofPrimary.metadata.labels, ours),
          ...addPairs('/metadata/annotations', ofPrimary.metadata.annotations, annotations),
        ],
      }));
  const store = await world.autoscalers();
  store.wrote(autoscalerRecord(written));
}

/** Only one that the canary owns: what was there before it is the user's. */
export async function deleteAutoscaler(
  { canary }: Subject,
  name: string,
  { world, writer }: Pick<ActOptions, 'world' | 'writer'>,
): Promise<void> {
  const { namespace } = canary.metadata;
  const existing = await world.read(HORIZONTAL_POD_AUTOSCALERS, namespace, name);
  if (existing === undefined || !isOwnedBy(existing, canary.metadata.uid)) return;
  const { name: as, uid } = existing.metadata;
  // Whoever writes it meanwhile writes the same object.
  await deleteUnlessChanged(
    { metadata: { name: as, namespace, uid } },
    { ...writer, resource: HORIZONTAL_POD_AUTOSCALERS },
  );
}
