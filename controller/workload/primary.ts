import type { Operation } from 'fast-json-patch';
import { REVISION_ANNOTATION } from '../../api/keys.ts';
import { addPairs } from '../../kube/add-pairs.ts';
import type { Manifest } from '../../kube/apply.ts';
import { includedMetadata, type LabelsAndAnnotations, withoutUnmanaged } from './included-metadata.ts';
import { spreadAs } from './pod-spreading.ts';
import { podSelector } from './selector.ts';
import type { Deployment, PodTemplate, Release } from './workload.ts';

/** The fields of a Deployment's spec that say how its pods are replaced: the primary has them as the target does. */
const ROLLOUT_FIELDS = ['strategy', 'minReadySeconds', 'progressDeadlineSeconds', 'revisionHistoryLimit'] as const;

/** Flux writes these into pods; on the primary's they would name an object that Flux does not have. */
const FLUX = 'toolkit.fluxcd.io';

/**
 * A pod template of the target as the primary has it: with the labels that the primary selects its pods by, rules that
 * spread the pods over nodes rewritten likewise, without Flux's annotations, and all else as it is, fields that this
 * program does not know included. Of its own result it makes the same again.
 *
 * @param existingPrimary its selector cannot be changed, so its pods keep those labels, whoever made it. Has to be there
 *   when it is the user's own.
 * @throws {UnusableSelector}
 */
export function primaryTemplate(release: Release, template: PodTemplate, existingPrimary?: Deployment): PodTemplate {
  const own = primaryPodLabels(release, existingPrimary);
  const { target } = release;
  const relabel = (label: string, value: string) => {
    const isTargets =
      value === target.metadata.name ||
      value === target.spec.selector.matchLabels?.[label] ||
      value === template.metadata?.labels?.[label];
    return (isTargets && Object.hasOwn(own, label) ? own[label] : undefined) ?? value;
  };
  const { annotations, ...metadata } = template.metadata ?? {};
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !key.includes(FLUX));
  return {
    ...template,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...own },
      // An API server leaves empty maps out: with one, the template would differ from itself as it is read again.
      ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }),
    },
    ...(template.spec && { spec: spreadAs(template.spec, relabel) }),
  };
}

/**
 * The primary, for when there is none. Our label, the owner and the revision's annotation are added by who makes it. It has
 * none of the target's own labels: GitOps tools would take it for theirs, and selectors of others would find it.
 *
 * @throws {UnusableSelector}
 */
export function primaryDeployment(
  release: Release,
  template: PodTemplate,
  replicas: number,
): Manifest & { readonly metadata: LabelsAndAnnotations } {
  const { names, target } = release;
  if (names.adopted) throw new TypeError(`the primary ${names.primary} is the user's own and is not made`);
  const { label, primaryValue } = podSelector(release);
  const { labels, annotations } = included(release);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: names.primary,
      namespace: target.metadata.namespace,
      labels: { ...labels, [label]: primaryValue },
      annotations,
    },
    spec: {
      ...Object.fromEntries(
        ROLLOUT_FIELDS.filter((field) => target.spec[field] !== undefined).map((field) => [field, target.spec[field]]),
      ),
      replicas,
      // One label, as Flagger's primaries have it: a selector is immutable, so both have to agree for good.
      selector: { matchLabels: { [label]: primaryValue } },
      template: primaryTemplate(release, template),
    },
  };
}

/**
 * Brings the primary to the template that passed. A JSON patch, since only that can replace a template whole: what is no
 * longer in it goes, whoever owned it. Replicas are not in it: they are the autoscaler's, or a person's.
 *
 * Labels and annotations that were included once and are no longer on the target stay on the primary: nothing tells them
 * from those that others gave it.
 *
 * @param revision that `template` is of, as the target has it
 * @throws {UnusableSelector}
 */
export function primaryPatch(
  release: Release,
  template: PodTemplate,
  revision: string,
  existingPrimary: Deployment,
): readonly Operation[] {
  const { adopted } = release.names;
  // How the user's own primary rolls out, and what it is labelled with, is the user's.
  const { labels, annotations } = adopted ? { labels: {}, annotations: {} } : included(release);
  const { metadata } = existingPrimary;
  return [
    // Of another Deployment that has got the same name meanwhile we know nothing.
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    { op: 'replace', path: '/spec/template', value: primaryTemplate(release, template, existingPrimary) },
    ...(adopted ? [] : ROLLOUT_FIELDS.flatMap((field) => rolloutField(release.target, field, existingPrimary))),
    ...addPairs('/metadata/labels', metadata.labels, labels),
    ...addPairs('/metadata/annotations', metadata.annotations, { ...annotations, [REVISION_ANNOTATION]: revision }),
  ];
}

/** The labels that the primary's pods have whatever the target's have. */
function primaryPodLabels(release: Release, existingPrimary: Deployment | undefined): Readonly<Record<string, string>> {
  const selected = existingPrimary?.spec.selector.matchLabels;
  if (release.names.adopted) {
    if (existingPrimary === undefined) throw new TypeError(`the primary ${release.names.primary} is not there`);
    return selected ?? {};
  }
  const { label, primaryValue } = podSelector(release);
  return { [label]: primaryValue, ...selected };
}

function included(release: Release): LabelsAndAnnotations {
  const { canary, target, options } = release;
  const { labels, annotations } = includedMetadata(target.metadata, options);
  // The one label that tells the two apart is not the target's, whatever the prefixes.
  const { [podSelector(release).label]: _, ...others } = labels;
  return withoutUnmanaged({ labels: others, annotations }, canary.spec.service?.unmanagedMetadata);
}

/** `minReadySeconds` is left out where it is 0, so that a field that the target lacks has to go from the primary. */
function rolloutField(target: Deployment, field: (typeof ROLLOUT_FIELDS)[number], primary: Deployment): Operation[] {
  const value = target.spec[field];
  const path = `/spec/${field}`;
  if (value !== undefined) return [{ op: 'add', path, value }];
  return primary.spec[field] === undefined ? [] : [{ op: 'remove', path }];
}
