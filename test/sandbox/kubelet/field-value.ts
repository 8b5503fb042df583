import type { Container, Pod } from './pod.ts';
import { parseQuantity } from './quantity.ts';

/** What the downward API knows beyond the pod itself. */
export interface NodeFacts {
  readonly nodeAddress: string;
  readonly podAddress: string | undefined;
  /** What stands in for a limit that is not set. */
  readonly allocatable: Readonly<Record<string, string>>;
}

class UnsupportedFieldError extends Error {
  override readonly name = 'UnsupportedFieldError';

  constructor(path: string) {
    super(`unsupported fieldPath: ${path}`);
  }
}

/** The value of a `fieldRef`; `undefined` for an address that the pod does not have yet. */
export function fieldValue(path: string, pod: Pod, node: NodeFacts): string | undefined {
  const subscript = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  if (subscript !== null) {
    const map = subscript[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations;
    return map?.[subscript[2] ?? ''] ?? '';
  }
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace;
    case 'metadata.uid':
      return pod.metadata.uid;
    case 'metadata.labels':
      return formatMap(pod.metadata.labels);
    case 'metadata.annotations':
      return formatMap(pod.metadata.annotations);
    case 'spec.nodeName':
      return pod.spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return node.nodeAddress;
    case 'status.podIP':
    case 'status.podIPs':
      return node.podAddress;
    default:
      throw new UnsupportedFieldError(path);
  }
}

/** The value of a `resourceFieldRef`, rounded up to whole divisors: limits.memory of 1500Mi with divisor 1Gi is `2`. */
export function resourceValue(
  resource: string,
  divisor: string | undefined,
  container: Container,
  node: NodeFacts,
): string {
  const [kind, ...rest] = resource.split('.');
  const name = rest.join('.');
  const limit = container.resources?.limits?.[name] ?? node.allocatable[name];
  const quantity = kind === 'requests' ? (container.resources?.requests?.[name] ?? '0') : limit;
  if ((kind !== 'requests' && kind !== 'limits') || quantity === undefined) throw new UnsupportedFieldError(resource);
  const unit = divisor === undefined ? 1 : parseQuantity(divisor);
  // Rounding first to a millionth keeps 0.3 / 0.1 from becoming 4.
  return String(Math.ceil(Number((parseQuantity(quantity) / (unit === 0 ? 1 : unit)).toFixed(6))));
}

/** One `key="value"` a line, sorted, with the value escaped as Go's %q does. */
function formatMap(map: Readonly<Record<string, string>> = {}): string {
  return Object.entries(map)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}
