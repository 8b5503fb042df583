import type { V1Container, V1ObjectMeta, V1PodSpec, V1PodStatus, V1Probe, V1Volume } from '@kubernetes/client-node';

/** A type of @kubernetes/client-node as it is on the wire: its dates are texts there. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

export type PodSpec = Wire<V1PodSpec>;
export type PodStatus = Wire<V1PodStatus>;
export type Container = Wire<V1Container>;
export type Probe = Wire<V1Probe>;
export type Volume = Wire<V1Volume>;
export type PodCondition = NonNullable<PodStatus['conditions']>[number];
export type ContainerStatus = NonNullable<PodStatus['containerStatuses']>[number];
export type LifecycleHandler = NonNullable<NonNullable<Container['lifecycle']>['preStop']>;

export interface Pod {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Wire<V1ObjectMeta> & {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly spec: PodSpec;
  readonly status?: PodStatus;
}

export type ContainerRole = 'init' | 'sidecar' | 'regular';

export interface RoledContainer {
  readonly role: ContainerRole;
  readonly spec: Container;
}

/** The containers of a pod in the order in which they start. A sidecar is an init container that is always restarted. */
export function podContainers(spec: PodSpec): RoledContainer[] {
  return [
    ...(spec.initContainers ?? []).map(
      (container): RoledContainer => ({
        role: container.restartPolicy === 'Always' ? 'sidecar' : 'init',
        spec: container,
      }),
    ),
    ...spec.containers.map((container): RoledContainer => ({ role: 'regular', spec: container })),
  ];
}

/** How a kubelet names a pod in its messages: `podinfo-5c7_test(8b1c...)`. */
export function podTitle({ metadata }: Pod): string {
  return `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
}

export function podPath({ metadata }: Pod): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}
