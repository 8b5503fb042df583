import { withoutTrailing } from '../../api/without-trailing.ts';
import type { Container, PodTemplate } from './workload.ts';

/** A port of a core/v1 Service. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number | string;
  readonly protocol: string;
  readonly appProtocol?: string;
}

interface Found {
  readonly container: string;
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: string;
}

/** What a sidecar of Istio listens on, https://istio.io/latest/docs/ops/deployment/application-requirements/ */
const ISTIO_PROXY = { container: 'istio-proxy', firstPort: 15000, lastPort: 15090 };

/** Kubernetes' limit for the name of a Service's port. */
const LONGEST_NAME = 63;

/**
 * A port for each container port of a pod template that is neither what `main` leads to nor Istio's. Those without a name are
 * called after their container, as meshes tell the protocol from what is before the hyphen:
 *
 *     an unnamed 9797 of the container `metrics` -> { name: 'tcp-metrics', port: 9797, targetPort: 9797, protocol: 'TCP' }
 *     another of it, 9798                        -> { name: 'tcp-metrics-9798', ... }
 *
 * Port and protocol are each Service's key of a port, so that where two containers say the same one, or say the Service's own
 * port, the first has it.
 */
export function discoverPorts(template: PodTemplate, main: ServicePort): readonly ServicePort[] {
  const found = (template.spec?.containers ?? []).flatMap(portsOf).filter((each) => !isBehind(each, main));
  // Names that people gave go first: one that we make up must not take theirs.
  const named = found.filter(({ name }) => name !== undefined);
  const unnamed = found.filter(({ name }) => name === undefined);
  const keys = new Set([key(main)]);
  const names = new Set([main.name]);
  return [...named, ...unnamed].flatMap((each) => {
    if (keys.has(key(each))) return [];
    const { port, protocol } = each;
    const name = freeName(each.name ?? `${protocol.toLowerCase()}-${each.container}`, port, names);
    keys.add(key(each));
    names.add(name);
    // By number: a release that only names its port anew has to find the primary's pods too.
    return [{ name, port, targetPort: port, protocol }];
  });
}

function portsOf({ name: container, ports = [] }: Container): Found[] {
  if (container === ISTIO_PROXY.container) return [];
  return ports
    .map(({ name, containerPort: port, protocol = 'TCP' }) => ({ container, name, port, protocol }))
    .filter(({ port }) => port < ISTIO_PROXY.firstPort || port > ISTIO_PROXY.lastPort);
}

function isBehind({ name, port, protocol }: Found, main: ServicePort): boolean {
  return protocol === main.protocol && (main.targetPort === port || main.targetPort === name);
}

function key({ port, protocol }: { readonly port: number; readonly protocol: string }): string {
  return `${port}/${protocol}`;
}

function freeName(wanted: string, port: number, taken: ReadonlySet<string>): string {
  let name = cut(wanted, '');
  // The number alone is not always enough: one port may be there for TCP and for UDP.
  for (let round = 1; taken.has(name); round += 1) name = cut(wanted, round === 1 ? `-${port}` : `-${port}-${round}`);
  return name;
}

function cut(name: string, suffix: string): string {
  return withoutTrailing(name.slice(0, LONGEST_NAME - suffix.length), '-') + suffix;
}
