import type { Acceptance, RouteObject } from './router.ts';

export interface ParentRef {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly sectionName?: string;
  readonly port?: number;
}

interface ParentStatus {
  readonly parentRef: ParentRef;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
    readonly observedGeneration?: number;
  }[];
}

/**
 * What the parents say of a route. They report on their own, each when it has come to it, and a parent that no controller
 * is there for never does. So one report is needed, and all that there are have to be good and of this generation; one that
 * refuses is enough.
 */
export function httpRouteAcceptance(
  route: RouteObject,
  parentRefs: readonly ParentRef[],
  namespace: string,
): Acceptance {
  const { parents = [] } = (route.status ?? {}) as { readonly parents?: readonly ParentStatus[] };
  const attached = new Set(parentRefs.map((parent) => parentKey(parent, namespace)));
  const reports = parents
    // A parent that the route has left stays in its status for a while.
    .filter(({ parentRef }) => attached.has(parentKey(parentRef, namespace)))
    .map((parent) => acceptanceBy(parent, route.metadata.generation));
  const refused = reports.find(({ kind }) => kind === 'refused');
  if (refused !== undefined) return refused;
  return reports.length > 0 && reports.every(({ kind }) => kind === 'accepted')
    ? { kind: 'accepted' }
    : { kind: 'pending' };
}

function acceptanceBy({ parentRef, conditions = [] }: ParentStatus, generation: number | undefined): Acceptance {
  const current = conditions.filter(({ observedGeneration }) => observedGeneration === generation);
  const needed = ['Accepted', 'ResolvedRefs'].map((type) => current.find((condition) => condition.type === type));
  const refusal = needed.find((condition) => condition?.status === 'False');
  if (refusal !== undefined) {
    const { reason = refusal.type, message = '' } = refusal;
    return { kind: 'refused', message: `${parentRef.name}: ${[reason, message].filter(Boolean).join(': ')}` };
  }
  return { kind: needed.every((condition) => condition?.status === 'True') ? 'accepted' : 'pending' };
}

/** The same for a reference that is written out and one that leaves to the defaults what they say. */
function parentKey(parent: ParentRef, routeNamespace: string): string {
  const { group = 'gateway.networking.k8s.io', kind = 'Gateway', name, namespace = routeNamespace } = parent;
  return JSON.stringify([group, kind, namespace, name, parent.sectionName ?? '', parent.port ?? 0]);
}
