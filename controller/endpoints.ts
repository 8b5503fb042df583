import { CANARY_LABEL } from '../api/keys.ts';
import type { KubeObject } from '../kube/object.ts';
import { type ReflectorOptions, startReflector } from '../kube/reflector.ts';
import { type EndpointSlice, isReady, SERVICE_NAME } from './endpoint-slice.ts';

/** Who answers for the Services of canaries, as gateways are told. */
export interface Endpoints {
  readonly synced: Promise<void>;
  /** How many endpoints of a Service, by `namespace/name`, are ready; 0 also where Kubernetes has not listed any yet. */
  ready(service: string): number;
}

/** What is kept of a slice. */
interface SliceRecord extends KubeObject {
  readonly metadata: KubeObject['metadata'] & Pick<EndpointSlice['metadata'], 'labels'>;
  readonly service: string;
  readonly canary: string;
  readonly ready: number;
}

/**
 * Follows the slices of all Services that have our label.
 *
 * @param onChange told of a canary when one of its Services has its first endpoint, or has lost its last: that is all that is decided on
 */
export function startEndpoints({
  onChange,
  ...options
}: Omit<ReflectorOptions<SliceRecord>, 'onChange' | 'keep' | 'query'> & {
  readonly onChange: (canary: string) => void;
}): Endpoints {
  const byService = new Map<string, Map<string, number>>();
  const ready = (service: string) =>
    [...(byService.get(service)?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  const { synced } = startReflector<SliceRecord>({
    ...options,
    query: { labelSelector: CANARY_LABEL },
    keep: recordOf,
    onChange(key, slice, before) {
      const { service = '', canary = '' } = slice ?? before ?? {};
      const slices = byService.get(service) ?? new Map<string, number>();
      const had = ready(service);
      if (slice === undefined) slices.delete(key);
      else slices.set(key, slice.ready);
      if (slices.size > 0) byService.set(service, slices);
      else byService.delete(service);
      if (had > 0 !== ready(service) > 0) onChange(canary);
    },
  });
  return { synced, ready };
}

/** Which Service and canary a slice is of does not change while it is there. */
function recordOf({ metadata, endpoints }: SliceRecord & Pick<EndpointSlice, 'endpoints'>): SliceRecord {
  const { name, namespace = '', uid, resourceVersion, labels = {} } = metadata;
  return {
    metadata: { name, namespace, uid, resourceVersion },
    service: `${namespace}/${labels[SERVICE_NAME] ?? ''}`,
    canary: `${namespace}/${labels[CANARY_LABEL] ?? ''}`,
    ready: (endpoints ?? []).filter(isReady).length,
  };
}
