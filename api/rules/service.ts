// The routes that are made for the target.
import type { Finding } from '../finding.ts';
import type { Canary, LoadBalancer } from '../generated/canary.ts';

export function* delegateHasNoHosts({ spec }: Canary): Iterable<Finding> {
  const { delegation, hosts = [], gateways = [] } = spec.service ?? {};
  if (delegation === true && hosts.length + gateways.length > 0) {
    const message =
      'remove hosts and gateways, which belong to the VirtualService that delegates, or remove delegation';
    yield { path: 'spec.service.delegation', message };
  }
}

export function* mirroredServiceHasPort({ spec }: Canary): Iterable<Finding> {
  for (const [index, { backendRef }] of (spec.service?.mirror ?? []).entries()) {
    const { group, kind, port } = backendRef;
    if (group === '' && kind === 'Service' && port === undefined) {
      yield { path: `spec.service.mirror[${index}].backendRef.port`, message: 'write the port of the Service' };
    }
  }
}

export function* podsArePickedOneWay({ spec }: Canary): Iterable<Finding> {
  for (const { path, simple, consistentHash } of loadBalancersOf(spec)) {
    if (simple !== undefined && consistentHash !== undefined) {
      yield { path: `${path}.simple`, message: 'write simple or consistentHash, not both' };
    }
  }
}

export function* oneThingIsHashed({ spec }: Canary): Iterable<Finding> {
  const message = 'write exactly one of httpHeaderName, httpCookie, httpQueryParameterName and useSourceIp';
  for (const { path, consistentHash } of loadBalancersOf(spec)) {
    if (consistentHash === undefined) continue;
    const { httpHeaderName, httpCookie, httpQueryParameterName, useSourceIp } = consistentHash;
    const hashed = [httpHeaderName, httpCookie, httpQueryParameterName, useSourceIp];
    if (hashed.filter((thing) => thing !== undefined).length !== 1) yield { path: `${path}.consistentHash`, message };
  }
}

/** That of all ports and those of single ones, with their paths. */
function loadBalancersOf(spec: Canary['spec']): readonly (LoadBalancer & { readonly path: string })[] {
  const policy = spec.service?.trafficPolicy;
  const path = 'spec.service.trafficPolicy';
  const ports = (policy?.portLevelSettings ?? []).map(({ loadBalancer }, index) => ({
    path: `${path}.portLevelSettings[${index}].loadBalancer`,
    loadBalancer,
  }));
  return [{ path: `${path}.loadBalancer`, loadBalancer: policy?.loadBalancer }, ...ports].flatMap((at) =>
    at.loadBalancer === undefined ? [] : [{ ...at.loadBalancer, path: at.path }],
  );
}
