import { SERVICES } from '../../api/resources.ts';
import { ENDPOINT_SLICES, type EndpointSlice, isReady, podOf, readyPods, SERVICE_NAME } from '../endpoint-slice.ts';
import type { PodSelector } from '../workload/selector.ts';
import type { ServiceManifest } from '../workload/services.ts';
import { replicaShare, type Side, shareOf } from './replica-share.ts';
import type { Routed, RouteManifest, Router } from './router.ts';

/** Who keeps a slice, in Kubernetes' own words. */
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const US = 'kubectl-canary';

/** What the kubernetes provider knows beside what all know: the Service that clients call, and who answers for it. */
export interface Cluster {
  readonly selector: PodSelector;
  /** The Service when it leads to a side. */
  readonly apex: (side: Side) => ServiceManifest;
  /** All slices that belong to the canary: Kubernetes gives them the labels of their Service. */
  readonly slices: readonly EndpointSlice[];
}

/**
 * No gateway: the Service that clients call leads to all pods of the side that gets more, by its selector, and to some of the
 * other's by slices of endpoints beside those that Kubernetes makes. The larger side is never in our hands: when nobody is
 * there to keep our slices, Kubernetes keeps its own.
 */
export const kubernetes: Router = {
  providers: ['kubernetes'],
  resources: [SERVICES, ENDPOINT_SLICES],

  desired({ cluster, names }, { canaryWeight }) {
    if (cluster === undefined) return [];
    const share = replicaShare(canaryWeight, readyOf(cluster, names));
    const other = share.all === 'primary' ? names.canaryService : names.primaryService;
    const ours = sharedSlices(names.apexService, some(slicesOf(cluster, other), share.some));
    const left = emptied(cluster, names.apexService).filter(
      (each) => !ours.some(({ manifest }) => manifest.metadata.name === each.manifest.metadata.name),
    );
    // The slices first: those that come and go are never all that there is.
    return [...ours, ...left, { resource: SERVICES, manifest: cluster.apex(share.all) }];
  },

  observed({ cluster, names, existing }) {
    const apex = existing(SERVICES, names.apexService)?.spec as { selector?: Record<string, string> } | undefined;
    if (cluster === undefined || apex === undefined) return undefined;
    const { label, targetValue, primaryValue } = cluster.selector;
    const selected = apex.selector?.[label];
    if (selected !== targetValue && selected !== primaryValue) return undefined;
    const beside = new Set(slicesOf(cluster, names.apexService, US).flatMap(readyPods)).size;
    const share = { all: selected === targetValue ? 'canary' : 'primary', some: beside } as const;
    return { canaryWeight: shareOf(share, readyOf(cluster, names)), acceptance: { kind: 'accepted' } };
  },

  /** The Service itself is handed back by who looks after all Services. */
  handedBack: ({ cluster, names }) => (cluster === undefined ? [] : emptied(cluster, names.apexService)),

  leadsTo: ({ metadata }) => [metadata.labels?.[SERVICE_NAME] ?? ''].filter(Boolean),

  acceptance: () => ({ kind: 'accepted' }),

  apexSide: ({ canaryWeight }) => replicaShare(canaryWeight, { primary: 1, canary: 1 }).all,

  problem({ names }) {
    return names.adopted
      ? 'provider kubernetes switches a Service of its own: write targetRef and service in place of the layout of 2018'
      : undefined;
  },
};

/** The slices that we have made, without anybody in them. */
function emptied(cluster: Cluster, apexService: string): readonly RouteManifest[] {
  return slicesOf(cluster, apexService, US).map(({ metadata, addressType, ports }) =>
    sliceManifest(apexService, metadata.name, { addressType, ports: ports ?? [], endpoints: [] }),
  );
}

function slicesOf({ slices }: Cluster, service: string, managedBy?: string): readonly EndpointSlice[] {
  return slices.filter(
    ({ metadata: { labels = {} } }) =>
      labels[SERVICE_NAME] === service && (managedBy === undefined || labels[MANAGED_BY] === managedBy),
  );
}

function readyOf(cluster: Cluster, { primaryService, canaryService }: Routed['names']): Record<Side, number> {
  const count = (service: string) => new Set(slicesOf(cluster, service).flatMap(readyPods)).size;
  return { primary: count(primaryService), canary: count(canaryService) };
}

/** The slices with the endpoints of so many pods, the same ones for as long as they are there. */
function some(slices: readonly EndpointSlice[], count: number): readonly EndpointSlice[] {
  const pods = new Set([...new Set(slices.flatMap(readyPods))].toSorted().slice(0, count));
  return slices
    .map((slice) => ({
      ...slice,
      endpoints: (slice.endpoints ?? []).filter((each) => isReady(each) && pods.has(podOf(each))),
    }))
    .filter(({ endpoints }) => endpoints.length > 0)
    .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
}

function sharedSlices(apexService: string, slices: readonly EndpointSlice[]): readonly RouteManifest[] {
  return slices.map(({ addressType, ports, endpoints }, index) =>
    sliceManifest(apexService, `${apexService}-share-${index}-${(addressType ?? 'IPv4').toLowerCase()}`, {
      addressType,
      ports: ports ?? [],
      endpoints: (endpoints ?? []).map(({ addresses, nodeName, zone, targetRef }) => ({
        addresses,
        conditions: { ready: true },
        ...(nodeName !== undefined && { nodeName }),
        ...(zone !== undefined && { zone }),
        ...(targetRef !== undefined && { targetRef }),
      })),
    }),
  );
}

function sliceManifest(
  apexService: string,
  name: string,
  content: Omit<EndpointSlice, 'metadata' | 'addressType'> & { readonly addressType: string | undefined },
): RouteManifest {
  const labels = { [SERVICE_NAME]: apexService, [MANAGED_BY]: US };
  return { resource: ENDPOINT_SLICES, manifest: { metadata: { name, labels }, ...content } };
}
