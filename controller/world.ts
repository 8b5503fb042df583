import { isDeepStrictEqual } from 'node:util';
import type { AlertProvider } from '../api/generated/alert-provider.ts';
import type { Canary } from '../api/generated/canary.ts';
import type { CanaryAction } from '../api/generated/canary-action.ts';
import type { MetricTemplate } from '../api/generated/metric-template.ts';
import { CANARY_LABEL } from '../api/keys.ts';
import {
  ALERT_PROVIDERS,
  CANARIES,
  CANARY_ACTIONS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  METRIC_TEMPLATES,
  SERVICES,
} from '../api/resources.ts';
import type { Clock } from '../kube/clock.ts';
import { isNotFound } from '../kube/errors.ts';
import type { Log } from '../kube/log.ts';
import type { RuntimeMetrics } from '../kube/metrics.ts';
import { type KubeObject, objectKey, withoutManagedFields } from '../kube/object.ts';
import type { ReflectorOptions } from '../kube/reflector.ts';
import { collectionPath, objectPath, type Resource } from '../kube/resource.ts';
import type { Transport } from '../kube/transport/transport.ts';
import { type AutoscalerRecord, autoscalerRecord } from './autoscaler-record.ts';
import { type ConfigStore, startConfigStore } from './config-store.ts';
import { type DeploymentRecord, recordOf } from './deployment-record.ts';
import { ENDPOINT_SLICES } from './endpoint-slice.ts';
import { type Endpoints, startEndpoints } from './endpoints.ts';
import { type FreshStore, startFreshStore } from './fresh-store.ts';
import { createInterest, deploymentNames } from './interest.ts';
import { createKeptRevisions, type KeptRevisions } from './kept-revisions.ts';
import { type ReadOnUse, startReadOnUse } from './read-on-use.ts';
import { createWrittenPrimaries, type WrittenPrimaries } from './written-primaries.ts';

export interface WorldOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  readonly signal: AbortSignal;
  /** Watched namespace; all of them where none is given. */
  readonly namespace: string | undefined;
  /** Whether a change of a ConfigMap or Secret is a change of the targets that use it. */
  readonly tracksConfigs: boolean;
  /** Something that a canary depends on has changed. */
  readonly onChange: (canaryKey: string) => void;
}

/** An object that we generate, raw. */
export interface GeneratedObject extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
    readonly deletionTimestamp?: string;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** What the controller knows of the cluster, from memory: watching costs nothing while nothing happens. */
export interface World {
  readonly synced: Promise<unknown>;
  readonly canaries: FreshStore<Canary & KubeObject>;
  readonly deployments: FreshStore<DeploymentRecord>;
  readonly services: FreshStore<GeneratedObject>;
  /** Of the Services of canaries. */
  readonly endpoints: Endpoints;
  readonly templates: ReadOnUse<MetricTemplate>;
  readonly alertProviders: ReadOnUse<AlertProvider>;
  readonly actions: FreshStore<CanaryAction & KubeObject>;
  /** What people have asked for of a canary, answered or not, also where there is no such canary. */
  actionsOf(canaryKey: string): readonly (CanaryAction & KubeObject)[];
  /** `undefined` where configuration is not followed. */
  readonly configs: ConfigStore | undefined;
  /** The pod templates that ran. */
  readonly revisions: KeptRevisions;
  /** What we have written into primaries. */
  readonly primaries: WrittenPrimaries;
  /** How many pods a Deployment wanted when it was deleted, of one that a canary was interested in. */
  lastReplicas(key: string): number | undefined;
  /** The canaries, itself among them, that name an object as it does: with hundreds in a namespace, looking at all costs most. */
  canariesSharing(canary: Canary): readonly Canary[];
  /**
   * The objects of one of a router's kinds that belong to canaries, watched from when they are first asked for; `undefined`
   * while the API server does not serve the kind.
   */
  routes(resource: Resource): Promise<FreshStore<GeneratedObject> | undefined>;
  /** All HorizontalPodAutoscalers, the users' own as well, watched from when they are first asked for. */
  autoscalers(): Promise<FreshStore<AutoscalerRecord>>;
  /** An object as it is now, whoever made it, from the API server. */
  read(resource: Resource, namespace: string, name: string): Promise<GeneratedObject | undefined>;
}

/** A kind that is not served may be installed later: it is looked for again after this time. */
export const LOOK_AGAIN_MS = 30_000;

export function startWorld(options: WorldOptions): World {
  const { transport, clock, log, metrics, signal, namespace, onChange } = options;
  const interest = createInterest();

  function follow<T extends KubeObject>(
    resource: Resource,
    changed: (key: string, object: T | undefined, before: T | undefined) => void,
    more: Partial<ReflectorOptions<T>> = {},
  ): FreshStore<T> {
    return startFreshStore<T>({
      ...{ transport, clock, log, signal, path: collectionPath(resource, namespace) },
      metrics: metrics.reflector(resource.plural),
      onChange: changed,
      ...more,
    });
  }

  /** Of those that anybody may create in any number, and that few canaries name. */
  function readOnUse<T extends KubeObject>(resource: Resource): ReadOnUse<T> {
    return startReadOnUse<T>({
      ...{ transport, clock, log, signal, resource, path: collectionPath(resource, namespace) },
      metrics: metrics.reflector(resource.plural),
    });
  }

  /** Objects with our label say themselves whose they are. */
  function followGenerated(resource: Resource): FreshStore<GeneratedObject> {
    const wake = (_: string, object?: GeneratedObject, before?: GeneratedObject) => {
      const { metadata } = object ?? before ?? {};
      for (const labels of [object?.metadata.labels, before?.metadata.labels]) {
        const name = labels?.[CANARY_LABEL];
        if (name !== undefined && metadata?.namespace !== undefined) onChange(`${metadata.namespace}/${name}`);
      }
    };
    return follow<GeneratedObject>(resource, wake, { query: { labelSelector: CANARY_LABEL } });
  }

  const canaries: FreshStore<Canary & KubeObject> = follow<Canary & KubeObject>(
    CANARIES,
    (key, canary) => {
      interest.set(key, canary);
      onChange(key);
    },
    { keep: (canary) => withKnownSpec(withoutAnnotations(canary), canaries.get(objectKey(canary))) },
  );
  const lastReplicas = new Map<string, number>();
  const deployments = follow<DeploymentRecord>(
    DEPLOYMENTS,
    (key, deployment, before) => {
      const canariesOfIt = interest.ofDeployment(key);
      if (deployment !== undefined) lastReplicas.delete(key);
      else if (canariesOfIt.length > 0) lastReplicas.set(key, before?.spec.replicas ?? 1);
      for (const canary of canariesOfIt) onChange(canary);
    },
    { keep: recordOf },
  );
  const services = followGenerated(SERVICES);
  const endpoints = startEndpoints({
    ...{ transport, clock, log, signal, path: collectionPath(ENDPOINT_SLICES, namespace) },
    ...{ metrics: metrics.reflector(ENDPOINT_SLICES.plural), onChange },
  });
  const templates = readOnUse<MetricTemplate & KubeObject>(METRIC_TEMPLATES);
  const alertProviders = readOnUse<AlertProvider & KubeObject>(ALERT_PROVIDERS);
  const actionKeys = new Map<string, Set<string>>();
  // Which canary is meant is a part of the spec, which does not change.
  const noteAction = (key: string, action?: CanaryAction, before?: CanaryAction) => {
    const { metadata, spec } = action ?? before ?? {};
    if (metadata === undefined || spec === undefined) return;
    const canary = `${metadata.namespace}/${spec.canary}`;
    const keys = actionKeys.get(canary) ?? new Set();
    if (action === undefined) keys.delete(key);
    else keys.add(key);
    if (keys.size > 0) actionKeys.set(canary, keys);
    else actionKeys.delete(canary);
    onChange(canary);
  };
  const actions = follow<CanaryAction & KubeObject>(CANARY_ACTIONS, noteAction, { keep: withoutAnnotations });

  const configs = options.tracksConfigs
    ? startConfigStore({
        ...{ transport, clock, log, metrics, signal, namespace },
        onChange(kind, key) {
          const [ofNamespace = '', name] = key.split('/');
          for (const canary of interest.inNamespace(ofNamespace)) {
            const of = canaries.get(canary);
            const used =
              of && deploymentNames(of).flatMap((each) => deployments.get(`${ofNamespace}/${each}`)?.configs ?? []);
            if (used?.some((each) => each.kind === kind && each.name === name) === true) onChange(canary);
          }
        },
      })
    : undefined;

  const routes = new Map<string, FreshStore<GeneratedObject>>();
  const notServed = new Map<string, number>();

  let autoscalers: FreshStore<AutoscalerRecord> | undefined;
  function followAutoscalers(): FreshStore<AutoscalerRecord> {
    const wake = (key: string, scaler?: AutoscalerRecord, before?: AutoscalerRecord) => {
      // Their controller tells every few seconds what it sees, which is nothing to us.
      if (scaler !== undefined && before !== undefined && isDeepStrictEqual(ourParts(scaler), ourParts(before))) return;
      for (const canary of interest.ofAutoscaler(key)) onChange(canary);
    };
    return follow<AutoscalerRecord>(HORIZONTAL_POD_AUTOSCALERS, wake, { keep: autoscalerRecord });
  }

  return {
    ...{ canaries, deployments, services, endpoints, templates, alertProviders, actions, configs },
    actionsOf: (canary) => [...(actionKeys.get(canary) ?? [])].flatMap((key) => actions.get(key) ?? []),
    synced: Promise.all(
      [
        ...[canaries, deployments, services, endpoints, templates, alertProviders, actions],
        ...(configs === undefined ? [] : [configs]),
      ].map(({ synced }) => synced),
    ),
    async read(resource, ofNamespace, name) {
      try {
        return await transport.request<GeneratedObject>({
          path: objectPath(resource, { namespace: ofNamespace, name }),
          signal,
        });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async autoscalers() {
      if (autoscalers === undefined) {
        // A watch that may not be made would be waited for without a word.
        const path = collectionPath(HORIZONTAL_POD_AUTOSCALERS, namespace);
        await transport.request({ path, query: { limit: 1 }, signal });
      }
      // Two canaries may have asked at a time.
      autoscalers ??= followAutoscalers();
      await autoscalers.synced;
      return autoscalers;
    },
    revisions: createKeptRevisions(),
    primaries: createWrittenPrimaries(),
    lastReplicas: (key) => lastReplicas.get(key),
    canariesSharing: (canary) => interest.sharing(canary).flatMap((key) => canaries.get(key) ?? []),
    async routes(resource) {
      if (resource === SERVICES) return services;
      const path = collectionPath(resource, namespace);
      const known = routes.get(path);
      if (known !== undefined) {
        await known.synced;
        return known;
      }
      if (clock.now() - (notServed.get(path) ?? Number.NEGATIVE_INFINITY) < LOOK_AGAIN_MS) return undefined;
      try {
        await transport.request({ path, query: { limit: 1, labelSelector: CANARY_LABEL }, signal });
      } catch (error) {
        if (!isNotFound(error)) throw error;
        notServed.set(path, clock.now());
        return undefined;
      }
      // Two canaries may have asked at a time.
      const store = routes.get(path) ?? followGenerated(resource);
      routes.set(path, store);
      await store.synced;
      return store;
    },
  };
}

/** Nothing of them is looked at, and they may be larger than all else. */
function withoutAnnotations<T extends KubeObject>(object: T): T {
  const { annotations: _, ...metadata } = withoutManagedFields(object).metadata as T['metadata'] & {
    readonly annotations?: unknown;
  };
  return { ...object, metadata };
}

/** What is judged of a spec is remembered with it, and a release writes the status of a canary ten times. */
function withKnownSpec<T extends Canary>(canary: T, known: T | undefined): T {
  return isDeepStrictEqual(canary.spec, known?.spec) ? { ...canary, spec: known?.spec } : canary;
}

function ourParts({ metadata: { resourceVersion: _version, ...metadata }, spec }: AutoscalerRecord): object {
  return { metadata, spec };
}
