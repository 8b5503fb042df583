import type { PodTemplate } from './workload.ts';

/** The value that a label has on the primary's pods, where the given one means the target's. */
export type Relabel = (label: string, value: string) => string;

type PodSpec = NonNullable<PodTemplate['spec']>;

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly values?: readonly string[] }[];
}

/** Part of an affinity or of a spread constraint that says which pods it is about. */
interface Term {
  readonly labelSelector?: LabelSelector | null;
}

interface PodAntiAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly Term[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly { readonly podAffinityTerm: Term }[];
}

interface Spreading {
  readonly affinity?: { readonly podAntiAffinity?: PodAntiAffinity | null } | null;
  readonly topologySpreadConstraints?: readonly Term[] | null;
}

/**
 * A pod spec whose rules that keep a workload's pods apart are about the primary's pods in place of the target's. Left as
 * they are, they would spread the primary around the canary's pods, and its own would share a node.
 */
export function spreadAs(spec: PodSpec, relabel: Relabel): PodSpec {
  const { affinity, topologySpreadConstraints } = spec as Spreading;
  const antiAffinity = affinity?.podAntiAffinity;
  return {
    ...spec,
    ...(antiAffinity && { affinity: { ...affinity, podAntiAffinity: antiAffinityAs(antiAffinity, relabel) } }),
    ...(topologySpreadConstraints && {
      topologySpreadConstraints: topologySpreadConstraints.map((constraint) => termAs(constraint, relabel)),
    }),
  };
}

function antiAffinityAs(antiAffinity: PodAntiAffinity, relabel: Relabel): PodAntiAffinity {
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  } = antiAffinity;
  return {
    ...antiAffinity,
    ...(required && {
      requiredDuringSchedulingIgnoredDuringExecution: required.map((term) => termAs(term, relabel)),
    }),
    ...(preferred && {
      preferredDuringSchedulingIgnoredDuringExecution: preferred.map((weighted) => ({
        ...weighted,
        podAffinityTerm: termAs(weighted.podAffinityTerm, relabel),
      })),
    }),
  };
}

function termAs(term: Term, relabel: Relabel): Term {
  const { labelSelector } = term;
  if (!labelSelector) return term;
  const { matchLabels, matchExpressions } = labelSelector;
  return {
    ...term,
    labelSelector: {
      ...labelSelector,
      ...(matchLabels && {
        matchLabels: Object.fromEntries(
          Object.entries(matchLabels).map(([label, value]) => [label, relabel(label, value)]),
        ),
      }),
      ...(matchExpressions && {
        matchExpressions: matchExpressions.map((expression) => ({
          ...expression,
          ...(expression.values && { values: expression.values.map((value) => relabel(expression.key, value)) }),
        })),
      }),
    },
  };
}
