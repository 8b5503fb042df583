import assert from 'node:assert/strict';
import type { Canary, CanaryStatus } from '../../../api/generated/canary.ts';
import { CANARIES, DEPLOYMENTS } from '../../../api/resources.ts';
import { HTTP_PROXY } from '../../../controller/router/contour.ts';
import { silentLog } from '../../../kube/log.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { startReflector } from '../../../kube/reflector.ts';
import { collectionPath, objectPath, type Resource } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { eventually } from '../eventually.ts';
import { hurriedClock } from '../kube/hurried-clock.ts';

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

/**
 * The states that the objects of one release were in, of each in their order. What changed more than once between the start of an API
 * server and the next list, which is within a second of it, is known by the last of these states.
 */
export interface ReleaseRecord {
  readonly statuses: readonly { readonly version: bigint; readonly status: CanaryStatus }[];
  readonly target: readonly Versioned<DeploymentState>[];
  readonly primary: readonly Versioned<DeploymentState>[];
  readonly route: readonly Versioned<RouteState>[];
  /** Resolves once all states until now are in it: a watch may be behind the one that told of the release's end. */
  caughtUp(): Promise<void>;
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

/** A watch that was cut is taken up again before anybody else has gone on: what is half a minute is a second. */
const CLOCK = hurriedClock(30);

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
      ...{ transport, clock: CLOCK, log: silentLog, signal: over.signal },
      path: collectionPath(resource, namespace),
      query: { fieldSelector: `metadata.name=${name}` },
      onChange: (_key, object) => {
        if (object !== undefined) states.push({ version: BigInt(object.metadata.resourceVersion), object });
      },
    });
    const path = objectPath(resource, { namespace, name });
    const caughtUp = () =>
      eventually(async () => {
        const { metadata } = await transport.request<KubeObject>({ path });
        assert.ok(
          (states.at(-1)?.version ?? 0n) >= BigInt(metadata.resourceVersion),
          `the record of ${path} is behind`,
        );
      });
    return { states, reflector, caughtUp };
  };
  const canary = follow<Canary & KubeObject>(CANARIES, 'podinfo');
  const target = follow<DeploymentState>(DEPLOYMENTS, 'podinfo');
  const primary = follow<DeploymentState>(DEPLOYMENTS, 'podinfo-primary');
  const route = follow<RouteState>(gateway === 'contour' ? HTTP_PROXY : HTTP_ROUTES, 'podinfo');
  const followed = [canary, target, primary, route];
  const reflectors = followed.map(({ reflector }) => reflector);
  await Promise.all(reflectors.map(({ synced }) => synced));
  return {
    get statuses() {
      return canary.states.map(({ version, object: { status = {} } }) => ({ version, status }));
    },
    target: target.states,
    primary: primary.states,
    route: route.states,
    async caughtUp() {
      await Promise.all(followed.map((each) => each.caughtUp()));
    },
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
