import { expand } from './expansion.ts';
import { fieldValue, type NodeFacts, resourceValue } from './field-value.ts';
import type { Container, Pod } from './pod.ts';

/** A container cannot be made as its spec stands: the kubelet's CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

/** The data of the ConfigMaps and Secrets that a container names, as texts; `undefined` where there is no such object. */
export interface ConfigData {
  readonly configMaps: ReadonlyMap<string, Readonly<Record<string, string>> | undefined>;
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, string>> | undefined>;
}

export interface ConfigNames {
  readonly configMaps: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
}

/** The names of everything that must be read before `containerEnvironment` can be called. */
export function environmentReferences(container: Container): ConfigNames {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef?.name !== undefined) configMaps.add(configMapRef.name);
    if (secretRef?.name !== undefined) secrets.add(secretRef.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.configMapKeyRef?.name !== undefined) configMaps.add(valueFrom.configMapKeyRef.name);
    if (valueFrom?.secretKeyRef?.name !== undefined) secrets.add(valueFrom.secretKeyRef.name);
  }
  return { configMaps, secrets };
}

export interface EnvironmentContext {
  readonly pod: Pod;
  readonly container: Container;
  readonly data: ConfigData;
  readonly node: NodeFacts;
  /** What every container gets where its spec does not say otherwise: the image's variables, HOSTNAME, KUBERNETES_*. */
  readonly defaults: ReadonlyMap<string, string>;
}

/**
 * A container's environment. As in the real kubelet: `envFrom` in its order, then `env` in its order; each value may
 * refer to the variables before it. Throws a ContainerConfigError with the kubelet's text where a reference that is not
 * optional leads nowhere.
 *
 * Of Kubernetes' service links only those of the `kubernetes` Service exist here (they come with `defaults`): the
 * variables of other Services are a relic of clusters without DNS, and nothing of ours reads them.
 */
export function containerEnvironment(context: EnvironmentContext): Map<string, string> {
  const { pod, container, data, node, defaults } = context;
  const own = new Map<string, string>();

  for (const source of container.envFrom ?? []) {
    const reference = source.configMapRef ?? source.secretRef;
    if (reference?.name === undefined) continue;
    const kind = source.configMapRef === undefined ? 'secret' : 'configmap';
    const values = (kind === 'secret' ? data.secrets : data.configMaps).get(reference.name);
    if (values === undefined) {
      if (reference.optional === true) continue;
      throw new ContainerConfigError(`${kind} "${reference.name}" not found`);
    }
    for (const [key, value] of Object.entries(values)) own.set((source.prefix ?? '') + key, value);
  }

  for (const variable of container.env ?? []) {
    const { value, valueFrom } = variable;
    if (valueFrom === undefined) {
      own.set(variable.name, expand(value ?? '', new Map([...defaults, ...own])));
    } else if (valueFrom.fieldRef !== undefined) {
      own.set(variable.name, fieldValue(valueFrom.fieldRef.fieldPath, pod, node) ?? '');
    } else if (valueFrom.resourceFieldRef !== undefined) {
      const { resource, divisor, containerName } = valueFrom.resourceFieldRef;
      const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
      const subject = all.find(({ name }) => name === containerName) ?? container;
      own.set(variable.name, resourceValue(resource, divisor, subject, node));
    } else if (valueFrom.configMapKeyRef !== undefined) {
      const found = keyOf('configmap', valueFrom.configMapKeyRef, data.configMaps, pod.metadata.namespace);
      if (found !== undefined) own.set(variable.name, found);
    } else if (valueFrom.secretKeyRef !== undefined) {
      const found = keyOf('secret', valueFrom.secretKeyRef, data.secrets, pod.metadata.namespace);
      if (found !== undefined) own.set(variable.name, found);
    } else {
      throw new ContainerConfigError(`the source of environment variable "${variable.name}" is not supported here`);
    }
  }
  return new Map([...defaults, ...own]);
}

function keyOf(
  kind: 'configmap' | 'secret',
  reference: { readonly key: string; readonly name?: string; readonly optional?: boolean },
  objects: ReadonlyMap<string, Readonly<Record<string, string>> | undefined>,
  namespace: string,
): string | undefined {
  const name = reference.name ?? '';
  const values = objects.get(name);
  const value = values?.[reference.key];
  if (value !== undefined || reference.optional === true) return value;
  if (values === undefined) throw new ContainerConfigError(`${kind} "${name}" not found`);
  const title = kind === 'secret' ? 'Secret' : 'ConfigMap';
  throw new ContainerConfigError(`couldn't find key ${reference.key} in ${title} ${namespace}/${name}`);
}
