import type { PodTemplate, Target, TargetPatch } from '../cluster/target.ts';

/** What is done to a target: the pod template that it gets, and the patch that makes it so. */
export interface TargetChange {
  readonly template: PodTemplate;
  readonly patch: TargetPatch;
}

/** As kubectl's own commands have it, and `kubectl rollout history` shows it. */
const CHANGE_CAUSE = 'kubernetes.io/change-cause';

/**
 * A change of a part of the pod template, of this very object.
 *
 * @param part of `spec.template`, as a strategic merge patch has it
 */
export function partialChange(
  { metadata: { uid } }: Target,
  template: PodTemplate,
  part: object,
  reason: string | undefined,
): TargetChange {
  const annotations = reason === undefined ? {} : { annotations: { [CHANGE_CAUSE]: reason } };
  const body = { metadata: { uid, ...annotations }, spec: { template: part } };
  return { template, patch: { contentType: 'application/strategic-merge-patch+json', body } };
}

/**
 * Another pod template in place of the one that was seen; of this very object, and only while its spec is as it was read.
 */
export function wholeChange({ metadata }: Target, template: PodTemplate, reason: string | undefined): TargetChange {
  const { uid, generation, annotations } = metadata;
  const cause =
    annotations === undefined
      ? { path: '/metadata/annotations', value: { [CHANGE_CAUSE]: reason } }
      : { path: `/metadata/annotations/${CHANGE_CAUSE.replace('/', '~1')}`, value: reason };
  const body = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/generation', value: generation },
    { op: 'replace', path: '/spec/template', value: template },
    ...(reason === undefined ? [] : [{ op: 'add', ...cause }]),
  ];
  return { template, patch: { contentType: 'application/json-patch+json', body } };
}
