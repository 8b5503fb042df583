import type { UnmanagedMetadata } from '../../api/generated/canary.ts';
import type { GenerationOptions } from './workload.ts';

type Pairs = Readonly<Record<string, string>>;

/** The labels and annotations of one object. */
export interface LabelsAndAnnotations {
  readonly labels: Pairs;
  readonly annotations: Pairs;
}

/**
 * Never passed on, whatever the prefixes. Flux deletes what has its labels and is not in its inventory; the others say what
 * is so of the target alone: what was applied, which ReplicaSet is the newest, who changed it.
 */
const NEVER = [
  /toolkit\.fluxcd\.io/,
  /^kubectl\.kubernetes\.io\/last-applied-configuration$/,
  /^deployment\.kubernetes\.io\//,
  /^flagger\.app\//,
];

/** The labels and annotations of a target that its generated objects get too. The prefix `*` stands for all. */
export function includedMetadata(
  metadata: { readonly labels?: Pairs; readonly annotations?: Pairs },
  { includeLabelPrefixes }: Pick<GenerationOptions, 'includeLabelPrefixes'>,
): LabelsAndAnnotations {
  const included = (key: string) =>
    includeLabelPrefixes.some((prefix) => prefix === '*' || key.startsWith(prefix)) &&
    !NEVER.some((pattern) => pattern.test(key));
  return { labels: only(metadata.labels, included), annotations: only(metadata.annotations, included) };
}

/**
 * Without the keys that the canary leaves to somebody else. With server-side apply that is all it takes: what we do not
 * send is not ours, and stays as it is.
 */
export function withoutUnmanaged(
  { labels, annotations }: LabelsAndAnnotations,
  unmanaged: UnmanagedMetadata | undefined,
): LabelsAndAnnotations {
  return {
    labels: only(labels, (key) => unmanaged?.labels?.includes(key) !== true),
    annotations: only(annotations, (key) => unmanaged?.annotations?.includes(key) !== true),
  };
}

function only(pairs: Pairs | undefined, keep: (key: string) => boolean): Pairs {
  return Object.fromEntries(Object.entries(pairs ?? {}).filter(([key]) => keep(key)));
}
