import { readConfig } from './config-copies.ts';
import type { Subject } from './subject.ts';
import { isCopyName } from './workload/config-copies.ts';
import { hasSameContents } from './workload/config-object.ts';
import { type ConfigReference, configKey, configReferences, withConfigNames } from './workload/config-references.ts';
import type { PodTemplate } from './workload/workload.ts';
import type { Writer } from './writer.ts';

/** A primary that was there before us, in terms of its target. */
export interface ReadPrimary {
  /** With the target's ConfigMaps and Secrets in the places of copies that are the same as they are now. */
  readonly template: PodTemplate;
  /** Keys of those that it refers to itself. */
  readonly live: ReadonlySet<string>;
}

/**
 * A primary refers to copies that whoever made it has made: of podinfo-env, Flagger's is podinfo-env-primary. With the same
 * contents, its pods are the same.
 */
export async function withoutCopies(
  { canary, target }: Subject,
  template: PodTemplate,
  writer: Writer,
): Promise<ReadPrimary> {
  const { namespace } = canary.metadata;
  const sources = target?.configs ?? [];
  const renamed = new Map<string, string>();
  const live = new Set<string>();
  for (const reference of configReferences(template)) {
    const isLive = sources.some((source) => configKey(source) === configKey(reference));
    if (isLive) live.add(configKey(reference));
    const source = isLive ? undefined : sources.find((each) => isCopyOf(reference, each));
    if (source === undefined) continue;
    const copy = await readConfig(writer, reference.kind, namespace, reference.name);
    const original = await readConfig(writer, source.kind, namespace, source.name);
    if (copy !== undefined && original !== undefined && hasSameContents(copy, original))
      renamed.set(configKey(reference), source.name);
  }
  return { live, template: withConfigNames(template, (each) => renamed.get(configKey(each)) ?? each.name) };
}

function isCopyOf(reference: ConfigReference, source: ConfigReference): boolean {
  if (reference.kind !== source.kind || !reference.name.startsWith(`${source.name}-primary`)) return false;
  return reference.name === `${source.name}-primary` || isCopyName(reference.name);
}
