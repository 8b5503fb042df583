// What a ConfigMap or Secret is copied as, for a primary to have it as it was when it was analysed.

import type { Canary } from '../../api/generated/canary.ts';
import { CANARY_LABEL, SOURCE_UID_ANNOTATION } from '../../api/keys.ts';
import { NAMING_LENGTH, revisionOf, shortRevision } from '../../api/revision.ts';
import { withoutTrailing } from '../../api/without-trailing.ts';
import type { Manifest } from '../../kube/apply.ts';
import { CONFIG_RESOURCES, type ConfigObject } from './config-object.ts';
import { type ConfigKind, configKey, withConfigNames } from './config-references.ts';
import { includedMetadata } from './included-metadata.ts';
import type { GenerationOptions, PodTemplate } from './workload.ts';

/** As the API server takes it. */
const MAX_NAME = 253;
const COPY_NAME = /-primary-(?:[0-9a-f]{10}|[0-9a-f]{32})$/;

/**
 * The name of a copy says what is in it: other contents are another copy, and of the same contents it is the same. It is that
 * canary's alone, so that no other one's release or deletion touches it.
 *
 *     copyName(canary, 'podinfo-env', digest) === 'podinfo-env-primary-9f86d081884c7d659a2feaa0c55ad015'
 */
export function copyName(canary: Canary, name: string, digest: string): string {
  return suffixed(name, identity(canary, name, digest).slice(0, NAMING_LENGTH));
}

/** The name that earlier versions gave it: primaries that they have written refer to it. */
export function formerCopyName(canary: Canary, name: string, digest: string): string {
  return suffixed(name, shortRevision(identity(canary, name, digest)));
}

function identity({ metadata }: Canary, name: string, digest: string): string {
  return revisionOf({ canary: metadata.uid, name, digest });
}

function suffixed(name: string, end: string): string {
  const suffix = `-primary-${end}`;
  return `${withoutTrailing(name.slice(0, MAX_NAME - suffix.length), '.-')}${suffix}`;
}

/** Whether it is one of `copyName`, of whatever canary. */
export function isCopyName(name: string): boolean {
  return COPY_NAME.test(name);
}

/** The template with the copies in the places of what they are copies of. One that was absent stays so, whatever comes. */
export function withCopies(
  canary: Canary,
  template: PodTemplate,
  configs: Readonly<Record<string, string>> = {},
): PodTemplate {
  return withConfigNames(template, (reference) => {
    const digest = configs[configKey(reference)];
    return digest === undefined ? reference.name : copyName(canary, reference.name, digest);
  });
}

/** The copy, without an owner. Immutable: nobody changes by hand what pods read when they are started anew. */
export function copyOf(
  canary: Canary,
  kind: ConfigKind,
  source: ConfigObject,
  digest: string,
  options: Pick<GenerationOptions, 'includeLabelPrefixes'>,
): Manifest {
  const { name, uid, labels = {} } = source.metadata;
  const { type, data, binaryData } = source;
  return {
    apiVersion: CONFIG_RESOURCES[kind].apiVersion,
    kind,
    metadata: {
      name: copyName(canary, name, digest),
      namespace: canary.metadata.namespace,
      labels: { ...includedMetadata({ labels }, options).labels, [CANARY_LABEL]: canary.metadata.name },
      ...(kind === 'Secret' && { annotations: { [SOURCE_UID_ANNOTATION]: uid } }),
    },
    ...(type !== undefined && { type }),
    ...(data !== undefined && { data }),
    ...(binaryData !== undefined && { binaryData }),
    immutable: true,
  };
}
