// The fast path: the request that changes a target's pod template is the one that starts its canary. What is left alone here
// the controller finds by its own watch, so whatever is in doubt is left alone.
import { isDeepStrictEqual } from 'node:util';
import type { Operation } from 'fast-json-patch';
import { analysisOf } from '../api/analysis.ts';
import type { Canary, CanarySpec, CanaryStatus } from '../api/generated/canary.ts';
import { CHANGED_AT_ANNOTATION, CHANGED_BY_ANNOTATION, REVISION_ANNOTATION } from '../api/keys.ts';
import { isOfTemplate, isRevision, revisionOf } from '../api/revision.ts';
import { canarySize } from '../controller/decide/canary-size.ts';
import { unsupportedParts } from '../controller/decide/unsupported.ts';
import { addPairs } from '../kube/add-pairs.ts';
import type { AdmissionRequest, Verdict } from './admission-review.ts';

/** The canary that releases a target, as it is known from memory. */
export interface TargetRelease {
  readonly canary: Pick<Canary, 'spec' | 'status'>;
  /** Pods that the primary wants; `undefined` where none is known. */
  readonly primaryReplicas: number | undefined;
}

/** What is looked at of a Deployment. */
interface Target {
  readonly template: object;
  readonly replicas: number;
  readonly readyReplicas: unknown;
  /** `undefined` where it has none. */
  readonly annotations: Readonly<Record<string, unknown>> | undefined;
}

/** As long as the status takes it. */
const MAX_USERNAME = 1024;

/**
 * Writes on a target whose pod template changes which revision that makes, who made it and when; and where the change starts
 * a canary, gives it its pods in the same write.
 *
 * @param release of the Deployment that is asked about; `undefined` where it is no target
 */
export function stampRevision(request: AdmissionRequest, release: TargetRelease | undefined, now: Date): Verdict {
  const { kind, operation, subResource, object, oldObject, userInfo } = request;
  const isDeployment = kind.group === 'apps' && kind.kind === 'Deployment' && subResource === '';
  if (release === undefined || !isDeployment || operation !== 'UPDATE') return { kind: 'allowed' };
  const [before, after] = [readTarget(oldObject), readTarget(object)];
  if (before === undefined || after === undefined) return { kind: 'allowed' };
  if (isDeepStrictEqual(before.template, after.template)) return { kind: 'allowed' };

  const revision = revisionOf(after.template);
  const stamps = {
    [REVISION_ANNOTATION]: revision,
    [CHANGED_BY_ANNOTATION]: userInfo.username.slice(0, MAX_USERNAME),
    [CHANGED_AT_ANNOTATION]: `${now.toISOString().slice(0, 19)}Z`,
  };
  const replicas = replicasFor(revision, before, after, release);
  const scaling: readonly Operation[] =
    replicas === undefined ? [] : [{ op: 'add', path: '/spec/replicas', value: replicas }];
  return { kind: 'allowed', patch: [...stamping(after, stamps), ...scaling] };
}

/** How many pods this write gives the target; `undefined` leaves them as they are. */
function replicasFor(revision: string, before: Target, after: Target, release: TargetRelease): number | undefined {
  const { spec, status = {} } = release.canary;
  const promoted = status.lastPromotedSpec;
  // Not bootstrapped, or promoted by Flagger: the controller has to take it over first.
  if (!isRevision(promoted) || !isAtRest(status) || spec.suspend === true) return undefined;
  if (isOfTemplate(promoted, revision)) return after.replicas > 0 && isTakenBack(before, promoted) ? 0 : undefined;
  // Pods that are there are a run that we have not heard of yet, or somebody's own doing.
  if (after.replicas > 0 || isHeld(spec)) return undefined;
  return canarySize(spec, status, release.primaryReplicas ?? 1);
}

function isAtRest({ phase, ending }: CanaryStatus): boolean {
  return (phase === 'Initialized' || phase === 'Succeeded' || phase === 'Failed') && ending === undefined;
}

/** The controller asks somebody first, or does not carry the release out at all. */
function isHeld(spec: CanarySpec): boolean {
  const isGated = (analysisOf(spec).webhooks ?? []).some(({ type }) => type === 'confirm-rollout');
  return isGated || [...unsupportedParts(spec)].length > 0;
}

/**
 * Whether this write takes back a change that was started here and that the controller has done nothing about. Memory may be
 * behind a run that has begun. Traffic is only ever on a canary that is ready, so that one without a ready pod has none.
 */
function isTakenBack({ annotations = {}, readyReplicas }: Target, promoted: string): boolean {
  const stamped = annotations[REVISION_ANNOTATION];
  const isPromoted = typeof stamped === 'string' && isOfTemplate(promoted, stamped);
  return stamped !== undefined && !isPromoted && (readyReplicas ?? 0) === 0;
}

/** None for what is there already, so that a second look at the same write changes nothing. */
function stamping({ annotations }: Target, stamps: Readonly<Record<string, string>>): readonly Operation[] {
  const isNews = ([key, value]: [string, string]) => annotations?.[key] !== value;
  return addPairs('/metadata/annotations', annotations, Object.fromEntries(Object.entries(stamps).filter(isNews)));
}

/** `undefined` for what no API server would send. */
function readTarget(object: unknown): Target | undefined {
  const whole = record(object);
  const [metadata, spec] = [record(whole?.['metadata']), record(whole?.['spec'])];
  const template = record(spec?.['template']);
  const replicas = spec?.['replicas'] ?? 0;
  if (metadata === undefined || template === undefined || typeof replicas !== 'number') return undefined;
  const written = metadata['annotations'] ?? undefined;
  const annotations = record(written);
  if (annotations === undefined && written !== undefined) return undefined;
  return { template, replicas, readyReplicas: record(whole?.['status'])?.['readyReplicas'], annotations };
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : undefined;
}
