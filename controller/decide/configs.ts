// What changes in the ConfigMaps and Secrets of a target mean. They are digests by `configmap/NAME` or `secret/NAME`.
import { isOfTemplate, isRevision } from '../../api/revision.ts';
import type { Decision, Note } from './decision.ts';
import type { TargetFacts } from './observation.ts';
import type { Situation } from './situation.ts';
import { normal } from './texts.ts';

type Digests = Readonly<Record<string, string>>;

/** Of an optional one that is not there: that it comes is a change. */
export const ABSENT = 'absent';

/** Those whose contents have changed. One that is followed only since, or no longer, has not, nor has one of Flagger's digests. */
export function changedConfigs(before: Digests = {}, after: Digests = {}): readonly string[] {
  return Object.keys(after).filter((key) => isOurs(before[key]) && before[key] !== after[key]);
}

function isOurs(digest: string | undefined): boolean {
  return digest === ABSENT || isRevision(digest);
}

/** Whether the pods of a target may have been started, or may yet be, before now. */
export function mayHavePods(target: TargetFacts): boolean {
  return target.replicas > 0 || target.statusReplicas > 0 || target.observedGeneration < target.generation;
}

/**
 * Whether pods may have been started with other configuration than the status knows of. It is written down before anything
 * else is done: what is changed back by then leaves no other trace than these pods.
 */
export function hasNewsOfConfigs({ target, status }: Pick<Situation, 'target' | 'status'>): boolean {
  if (target === undefined) return false;
  const isRead = target.unread === undefined;
  if (isRead && changedConfigs(status.trackedConfigs, target.configs).length > 0) return true;
  if (status.stalePods === true || !mayHavePods(target)) return false;
  if (isRead) return outdatesRecord(target, status);
  // Nobody knows what pods read that were started meanwhile.
  return status.target?.uid !== target.uid || status.target.generation !== target.generation;
}

/**
 * Whether pods may have started before the status recorded what they read. That is so for a target that the status does not know
 * yet, and where a ConfigMap or Secret is followed only from now on while the template is the one of before. A new template
 * starts new pods, which read what is recorded with it.
 */
function outdatesRecord(
  { uid, generation, templateRevision, configs }: TargetFacts,
  { target: seen, trackedConfigs = {} }: Situation['status'],
): boolean {
  const keys = Object.keys(configs);
  if (seen?.uid !== uid) return keys.length > 0;
  const isSameTemplate = seen.generation === generation || isOfTemplate(seen.revision, templateRevision);
  return isSameTemplate && keys.some((key) => !isOurs(trackedConfigs[key]));
}

/** A handful is told by name. */
const MAX_NAMED = 5;

/** The decision. A move also tells which ConfigMaps and Secrets have changed, as it is what writes that down. */
export function tellingConfigs(situation: Situation, decision: Exclude<Decision, { kind: 'act' }>): typeof decision {
  return decision.kind === 'wait' ? decision : { ...decision, notes: [...configNotes(situation), ...decision.notes] };
}

/** What has changed beside the pod template: `ConfigMap podinfo-env has changed`. */
function configNotes({ target, status }: Situation): readonly Note[] {
  if (target?.unread !== undefined) return [];
  const names = changedConfigs(status.trackedConfigs, target?.configs).map(titleOf);
  const more = names.length - MAX_NAMED;
  const texts = names.slice(0, MAX_NAMED).map((name) => `${name} has changed`);
  return [...texts, ...(more > 0 ? [`${more} more ConfigMaps and Secrets have changed`] : [])].map((text) =>
    normal('Change', text),
  );
}

/** `configmap/podinfo-env` is ConfigMap podinfo-env. */
function titleOf(key: string): string {
  const [kind, name = ''] = key.split('/');
  return `${kind === 'secret' ? 'Secret' : 'ConfigMap'} ${name}`;
}
