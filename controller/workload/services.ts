import type { CanaryService, GeneratedMetadata } from '../../api/generated/canary.ts';
import type { Manifest } from '../../kube/apply.ts';
import { includedMetadata, type LabelsAndAnnotations, withoutUnmanaged } from './included-metadata.ts';
import { discoverPorts, type ServicePort } from './port-discovery.ts';
import { podSelector } from './selector.ts';
import type { PodTemplate, Release } from './workload.ts';

export type ServiceManifest = Manifest & {
  readonly metadata: LabelsAndAnnotations;
  readonly spec: {
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly ServicePort[];
    readonly clusterIP?: 'None';
    readonly trafficDistribution?: string;
  };
};

export interface ServiceManifests {
  /** What clients call. Without a mesh in between, it leads to the primary's pods. */
  readonly apex: ServiceManifest;
  readonly primary: ServiceManifest;
  readonly canary: ServiceManifest;
}

/**
 * The Services of a release, for server-side apply. Our label and the owner are added by who applies them.
 *
 * A Service that is there already under one of the names keeps what is not written here: its type, node ports, cluster IP, the
 * labels and annotations that others gave it. Its selector becomes ours whole (it is atomic). Its ports are a list by port and
 * protocol: one with our number gets our name and target, others stay, and the API server answers 422 when one of those
 * has our port's name or none. It does so too when `headless` changes, as a cluster IP is immutable.
 *
 * @param primaryTemplate what the primary's pods are made from now: ports that a release adds or drops are to be found at
 *   the apex and the primary when it is promoted, and not before. Without it, the target's
 * @param apexSide that the Service which clients call leads to
 * @throws {UnusableSelector}
 */
export function services(
  release: Release,
  primaryTemplate?: PodTemplate,
  apexSide: 'primary' | 'canary' = 'primary',
): ServiceManifests {
  const { canary, names, target } = release;
  const { service } = canary.spec;
  if (service === undefined || names.adopted) throw new TypeError("the Services are the user's own and are not made");
  const { label, primaryValue, targetValue } = podSelector(release);
  const targetTemplate = target.spec.template;
  const manifest = (name: string, metadata: GeneratedMetadata | undefined, value: string, pods: PodTemplate) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: target.metadata.namespace, ...serviceMetadata(release, service, name, metadata) },
    spec: {
      selector: { [label]: value },
      ports: servicePorts(service, pods),
      ...(service.headless === true && { clusterIP: 'None' as const }),
      ...(service.trafficDistribution !== undefined && { trafficDistribution: service.trafficDistribution }),
    },
  });
  const primaryPods = primaryTemplate ?? targetTemplate;
  return {
    apex: manifest(names.apexService, service.apex, apexSide === 'primary' ? primaryValue : targetValue, primaryPods),
    primary: manifest(names.primaryService, service.primary, primaryValue, primaryPods),
    canary: manifest(names.canaryService, service.canary, targetValue, targetTemplate),
  };
}

/** What the canary says goes before what we say, and that before what the target only happens to have. */
function serviceMetadata(
  { target, options }: Release,
  service: CanaryService,
  name: string,
  metadata: GeneratedMetadata | undefined,
): LabelsAndAnnotations {
  const included = includedMetadata(target.metadata, options);
  return withoutUnmanaged(
    {
      labels: { ...included.labels, app: name, ...metadata?.labels },
      annotations: { ...included.annotations, ...metadata?.annotations },
    },
    service.unmanagedMetadata,
  );
}

function servicePorts(service: CanaryService, pods: PodTemplate): readonly ServicePort[] {
  const { port, portName, targetPort = port, appProtocol, portDiscovery } = service;
  const main: ServicePort = {
    name: portName,
    port,
    targetPort,
    protocol: 'TCP',
    ...(appProtocol !== undefined && { appProtocol }),
  };
  return portDiscovery === true ? [main, ...discoverPorts(pods, main)] : [main];
}
