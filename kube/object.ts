/** The part of every Kubernetes object that the runtime itself reads; the rest is passed on as the API server sent it. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    /** Opaque: equality is the only operation that means something. */
    readonly resourceVersion: string;
  };
}

/** `namespace/name`, or `name` for an object of the cluster: what stores and queues are keyed by. */
export function objectKey(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The namespace of such a key; an empty text for an object of the cluster. */
export function namespaceOfKey(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('/')));
}

/** All of an object but `metadata.managedFields`, which is often the larger half of it and nothing that we decide on. */
export function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as T['metadata'] & { readonly managedFields?: unknown };
  return { ...object, metadata };
}
