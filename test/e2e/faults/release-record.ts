import type { Canary, CanaryStatus } from '../../../api/generated/canary.ts';
import { CANARIES, DEPLOYMENTS } from '../../../api/resources.ts';
import { HTTP_PROXY } from '../../../controller/router/contour.ts';
import { systemClock } from '../../../kube/clock.ts';
import { silentLog } from '../../../kube/log.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { startReflector } from '../../../kube/reflector.ts';
import { collectionPath, type Resource } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';

export interface DeploymentState extends KubeObject {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
  readonly status?: { readonly availableReplicas?: number };
}

/** An HTTPProxy or an HTTPRoute. */
export interface RouteState extends KubeObject {
  readonly spec?: {
    readonly routes?: readonly { readonly services?: readonly Backend[] }[];
    readonly rules?: readonly { readonly backendRefs?: readonly Backend[] }[];
  };
}

interface Backend {
  readonly name: string;
  readonly weight?: number;
}

/** All states that the objects of one release were in, of each in their order; also those from while nobody could be asked. */
export interface ReleaseRecord {
  readonly statuses: readonly { readonly version: bigint; readonly status: CanaryStatus }[];
  readonly target: readonly Versioned<DeploymentState>[];
  readonly primary: readonly Versioned<DeploymentState>[];
  readonly route: readonly Versioned<RouteState>[];
  stop(): Promise<void>;
}

/** Numbers of versions tell which of two states of any two objects was first: the API server counts all writes together. */
export interface Versioned<T> {
  readonly version: bigint;
  readonly object: T;
}

const HTTP_ROUTES: Resource = {
  ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', plural: 'httproutes', namespaced: true },
};

/** Follows the release of `podinfo` in a namespace from now on. */
export async function recordRelease(
  transport: Transport,
  namespace: string,
  gateway: 'contour' | 'gateway-api',
): Promise<ReleaseRecord> {
  const over = new AbortController();
  const follow = <T extends KubeObject>(resource: Resource, name: string) => {
    const states: Versioned<T>[] = [];
    const reflector = startReflector<T>({
      ...{ transport, clock: systemClock, log: silentLog, signal: over.signal },
      path: collectionPath(resource, namespace),
      query: { fieldSelector: `metadata.name=${name}` },
      onChange: (_key, object) => {
        if (object !== undefined) states.push({ version: BigInt(object.metadata.resourceVersion), object });
      },
    });
    return { states, reflector };
  };
  const canary = follow<Canary & KubeObject>(CANARIES, 'podinfo');
  const target = follow<DeploymentState>(DEPLOYMENTS, 'podinfo');
  const primary = follow<DeploymentState>(DEPLOYMENTS, 'podinfo-primary');
  const route = follow<RouteState>(gateway === 'contour' ? HTTP_PROXY : HTTP_ROUTES, 'podinfo');
  const reflectors = [canary, target, primary, route].map(({ reflector }) => reflector);
  await Promise.all(reflectors.map(({ synced }) => synced));
  return {
    get statuses() {
      return canary.states.map(({ version, object: { status = {} } }) => ({ version, status }));
    },
    target: target.states,
    primary: primary.states,
    route: route.states,
    async stop() {
      over.abort();
      await Promise.all(reflectors.map(({ ended }) => ended));
    },
  };
}

/** What a route gives to each side, in percent; `undefined` where it splits nothing. */
export function weightsOf({ spec = {} }: RouteState): { primary: number; canary: number } | undefined {
  const backends = spec.routes?.[0]?.services ?? spec.rules?.[0]?.backendRefs ?? [];
  const weight = (name: string) => backends.find((backend) => backend.name === name)?.weight;
  const [primary, canary] = [weight('podinfo-primary'), weight('podinfo-canary')];
  return primary === undefined && canary === undefined ? undefined : { primary: primary ?? 0, canary: canary ?? 0 };
}
