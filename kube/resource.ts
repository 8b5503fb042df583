/** A kind as the API server serves it. */
export interface Resource {
  /** `v1`, `apps/v1`, `flagger.app/v1beta1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** As in paths: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface ObjectName {
  readonly name: string;
  /** Of a kind that has namespaces. */
  readonly namespace?: string;
}

/** The path of a kind in one namespace, or in all of them where none is given. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const { apiVersion, plural, namespaced } = resource;
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespaced && namespace !== undefined
    ? `${group}/namespaces/${segment(namespace)}/${plural}`
    : `${group}/${plural}`;
}

/**
 * The path of one object, or of a subresource of it such as `status`.
 *
 * @throws {RangeError} for a name that no object can have, or a missing namespace: either would be the path of another thing
 */
export function objectPath(
  resource: Resource,
  { namespace, name }: ObjectName,
  subresource?: 'status' | 'scale',
): string {
  if (resource.namespaced && namespace === undefined) {
    throw new RangeError(`a ${resource.kind} has a namespace: ${name} is given without one`);
  }
  const path = `${collectionPath(resource, namespace)}/${segment(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/.test(name)) {
    throw new RangeError(`no object can be named ${JSON.stringify(name)}`);
  }
  return encodeURIComponent(name);
}
