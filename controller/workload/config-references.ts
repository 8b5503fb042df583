// What a pod template is configured by. Not followed: imagePullSecrets, CSI volumes and tokens of service accounts, which
// configure no process.
import type { PodTemplate } from './workload.ts';

export type ConfigKind = 'ConfigMap' | 'Secret';

/** A ConfigMap or Secret that pods read when they start. */
export interface ConfigReference {
  readonly kind: ConfigKind;
  readonly name: string;
  /** Whether pods start without it. */
  readonly optional: boolean;
}

type Raw = Readonly<Record<string, unknown>>;
/** Is told of a reference, and says what name it has from now on. */
type Visit = (reference: ConfigReference) => string;

/** `configmap/podinfo-env`: how a status names it. */
export function configKey({ kind, name }: Pick<ConfigReference, 'kind' | 'name'>): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** Each ConfigMap and Secret once, by key. One that is required anywhere is required. */
export function configReferences(template: PodTemplate): readonly ConfigReference[] {
  const byKey = new Map<string, ConfigReference>();
  withConfigNames(template, (reference) => {
    const before = byKey.get(configKey(reference));
    byKey.set(configKey(reference), { ...reference, optional: reference.optional && before?.optional !== false });
    return reference.name;
  });
  return [...byKey.entries()].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, reference]) => reference);
}

/** The template with other ConfigMaps and Secrets in the places of its own, and all else as it is. */
export function withConfigNames(template: PodTemplate, visit: Visit): PodTemplate {
  const { spec } = template;
  if (spec === undefined) return template;
  const container = (raw: Raw) => inContainer(raw, visit);
  const lists: readonly (readonly [string, (raw: Raw) => Raw])[] = [
    ['volumes', (volume) => inVolume(volume, visit)],
    ['containers', container],
    ['initContainers', container],
  ];
  const named = lists.reduce<Raw>((raw, [field, map]) => eachOf(raw, field, map), spec);
  return { ...template, spec: named };
}

function inVolume(volume: Raw, visit: Visit): Raw {
  const named = renamed(renamed(volume, 'configMap', 'ConfigMap', visit), 'secret', 'Secret', visit, 'secretName');
  const { projected } = named;
  if (!isRaw(projected)) return named;
  const source = (raw: Raw) => renamed(renamed(raw, 'configMap', 'ConfigMap', visit), 'secret', 'Secret', visit);
  return { ...named, projected: eachOf(projected, 'sources', source) };
}

function inContainer(container: Raw, visit: Visit): Raw {
  const variable = (raw: Raw) => {
    const { valueFrom } = raw;
    if (!isRaw(valueFrom)) return raw;
    const key = renamed(valueFrom, 'configMapKeyRef', 'ConfigMap', visit);
    return { ...raw, valueFrom: renamed(key, 'secretKeyRef', 'Secret', visit) };
  };
  const all = (raw: Raw) => renamed(renamed(raw, 'configMapRef', 'ConfigMap', visit), 'secretRef', 'Secret', visit);
  return eachOf(eachOf(container, 'env', variable), 'envFrom', all);
}

/** One reference, which is `{ name, optional }` in the field of its kind. */
function renamed(holder: Raw, field: string, kind: ConfigKind, visit: Visit, nameField = 'name'): Raw {
  const reference = holder[field];
  if (!isRaw(reference)) return holder;
  const name = reference[nameField];
  if (typeof name !== 'string' || name === '') return holder;
  const optional = reference['optional'] === true;
  return { ...holder, [field]: { ...reference, [nameField]: visit({ kind, name, optional }) } };
}

function eachOf(holder: Raw, field: string, map: (raw: Raw) => Raw): Raw {
  const list = holder[field];
  if (!Array.isArray(list)) return holder;
  return { ...holder, [field]: list.map((each: unknown) => (isRaw(each) ? map(each) : each)) };
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
