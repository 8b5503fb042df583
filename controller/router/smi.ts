import type { Provider } from '../../api/provider-abilities.ts';
import type { Resource } from '../../kube/resource.ts';
import { canaryShare, splitBetween } from './canary-share.ts';
import { routeMetadata } from './generated-metadata.ts';
import { quantityOf } from './quantity.ts';
import type { Routed, Router } from './router.ts';

interface Backend {
  readonly service: string;
  /** A Quantity in v1alpha1, a whole number since. */
  readonly weight?: number | string;
}

/** In what the versions of a TrafficSplit differ. */
interface Version {
  /** A weight as the version's own clients write it, so that an API server that converts it gives back what it was given. */
  readonly weight: (percent: number) => number | string;
  /** Whether a split can be of some requests only. */
  readonly matches: boolean;
}

const whole = (percent: number): number => percent;

/** What Crossover and Linkerd's SMI extension read. Crossover knows no quantity but a whole number. */
export const smiV1Alpha1 = trafficSplit(['smi:v1alpha1', 'smi:crossover', 'linkerd'], 'v1alpha1', {
  weight: String,
  matches: false,
});
export const smiV1Alpha2 = trafficSplit(['smi:v1alpha2'], 'v1alpha2', { weight: whole, matches: false });
export const smiV1Alpha3 = trafficSplit(['smi:v1alpha3'], 'v1alpha3', { weight: whole, matches: true });

/**
 * A TrafficSplit of the Service Mesh Interface: what clients send to its root service goes to its backends by their weights.
 * It has no status. Whoever carries it out says nothing of when, so a weight counts as taken up once it is written.
 */
function trafficSplit(
  providers: readonly Provider[],
  served: 'v1alpha1' | 'v1alpha2' | 'v1alpha3',
  { weight, matches }: Version,
): Router {
  const resource: Resource = {
    apiVersion: `split.smi-spec.io/${served}`,
    kind: 'TrafficSplit',
    plural: 'trafficsplits',
    namespaced: true,
  };
  const existingBackends = ({ existing, names }: Routed) => backendsOf(existing(resource, names.apexService)?.spec);
  return {
    providers,
    resources: [resource],

    desired(routed, { canaryWeight }) {
      const { canary, names } = routed;
      const { service } = canary.spec;
      if (service === undefined) return [];
      const spec = {
        service: service.hosts?.[0] ?? names.apexService,
        backends: [
          { service: names.primaryService, weight: weight(100 - canaryWeight) },
          { service: names.canaryService, weight: weight(canaryWeight) },
        ],
        // Those that a split of the user's own has would leave all other requests to the root service.
        ...(matches && { matches: [] }),
      };
      return [{ resource, manifest: { metadata: routeMetadata(routed), spec } }];
    },

    introduced(routed) {
      const { canary, names } = routed;
      const backends = existingBackends(routed);
      if (canary.spec.service === undefined || backends.length === 0) return [];
      const missing = [names.primaryService, names.canaryService].filter((name) =>
        backends.every(({ service }) => service !== name),
      );
      // What is there stays as it is written: `500m` beside `1` must not become 500 beside 1.
      const spec = { backends: [...backends, ...missing.map((service) => ({ service, weight: weight(0) }))] };
      return [{ resource, manifest: { metadata: routeMetadata(routed), spec } }];
    },

    handedBack(routed) {
      const { canary, names } = routed;
      const { service } = canary.spec;
      if (service === undefined) return [];
      const spec = {
        service: service.hosts?.[0] ?? names.apexService,
        backends: [{ service: names.apexService, weight: weight(100) }],
        ...(matches && { matches: [] }),
      };
      return [{ resource, manifest: { metadata: routeMetadata(routed), spec } }];
    },

    /** A split is of the requests to its root service, which is a host name of the canary's where that has some. */
    leadsTo({ spec }, _, { canary, names }) {
      const root = (spec as { readonly service?: string } | undefined)?.service;
      if (root === undefined) return [];
      return [root === canary.spec.service?.hosts?.[0] ? names.apexService : root];
    },

    acceptance: ({ existing, names }) => ({
      kind: existing(resource, names.apexService) === undefined ? 'pending' : 'accepted',
    }),

    observed(routed) {
      const backends = existingBackends(routed).map((backend) => ({
        name: backend.service,
        weight: quantityOf(backend.weight) ?? Number.NaN,
      }));
      const split = splitBetween(routed.names, backends);
      if (split === undefined || Number.isNaN(split.primary + split.canary)) return undefined;
      const canaryWeight = canaryShare([split]);
      return canaryWeight === undefined ? undefined : { canaryWeight, acceptance: { kind: 'accepted' } };
    },
  };
}

/** Definitions of the first version are around that let anything pass. */
function backendsOf(spec: unknown): readonly Backend[] {
  const { backends } = (spec ?? {}) as { readonly backends?: unknown };
  const list: readonly unknown[] = Array.isArray(backends) ? backends : [];
  return list.filter((backend): backend is Backend => typeof backend === 'object' && backend !== null);
}
