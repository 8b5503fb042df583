import type { Resource } from '../kube/resource.ts';

export const ENDPOINT_SLICES: Resource = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
};

/** Whose a slice is, in Kubernetes' own words. */
export const SERVICE_NAME = 'kubernetes.io/service-name';

/**
 * A discovery.k8s.io/v1 EndpointSlice, raw. Kubernetes gives those that it makes the labels of their Service, and writes `null`
 * for an empty list.
 */
export interface EndpointSlice {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly addressType?: string;
  readonly ports?: readonly object[] | null;
  readonly endpoints?: readonly Endpoint[] | null;
}

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly terminating?: boolean };
  readonly nodeName?: string;
  readonly zone?: string;
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
}

/** Whether it is sent requests. */
export function isReady({ conditions = {} }: Endpoint): boolean {
  return conditions.ready !== false && conditions.terminating !== true;
}

/** A pod has an endpoint for each family of addresses. */
export function podOf({ targetRef, addresses }: Endpoint): string {
  return targetRef?.name ?? addresses[0] ?? '';
}

export function readyPods({ endpoints }: EndpointSlice): readonly string[] {
  return (endpoints ?? []).filter(isReady).map(podOf);
}
