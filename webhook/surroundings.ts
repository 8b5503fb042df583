import type { Cluster } from '../api/cluster/cluster.ts';
import { type Reference, referencesOfAction, referencesOfCanary } from '../api/cluster/references.ts';
import { withDefaults } from '../api/defaults.ts';
import type { Canary } from '../api/generated/canary.ts';
import type { CanaryAction } from '../api/generated/canary-action.ts';
import type { MetricTemplate } from '../api/generated/metric-template.ts';
import { validate } from '../api/validate.ts';
import type { Clock } from '../kube/clock.ts';
import { isNotFound } from '../kube/errors.ts';
import type { Log } from '../kube/log.ts';
import type { RuntimeMetrics } from '../kube/metrics.ts';
import type { KubeObject } from '../kube/object.ts';
import { type Reflector, type ReflectorOptions, startReflector } from '../kube/reflector.ts';
import { collectionPath, objectPath, type Resource } from '../kube/resource.ts';
import type { Transport } from '../kube/transport/transport.ts';
import type { Subject } from './validate.ts';

export interface SurroundingsOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  readonly signal: AbortSignal;
  readonly defaults: Pick<Cluster, 'defaultProvider' | 'scrapeIntervalMs'>;
}

/** What is in the cluster beside an object that is asked about. */
export interface Surroundings {
  /** Resolves when all is known that is answered from memory; rejects when the signal aborts before. */
  readonly synced: Promise<unknown>;
  /** Answered from memory, but for a Knative Service, which is taken to be there where no answer comes. */
  of(subject: Subject): Promise<Cluster>;
}

const group = (kind: string, plural: string): Resource => ({
  apiVersion: 'flagger.app/v1beta1',
  ...{ kind, plural, namespaced: true },
});
const CANARIES = group('Canary', 'canaries');
const TEMPLATES = group('MetricTemplate', 'metrictemplates');
const ALERT_PROVIDERS = group('AlertProvider', 'alertproviders');

/** What a canary may have as its target and every cluster has. */
const WORKLOADS: readonly Resource[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets', namespaced: true },
  { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true },
];
/** Not every cluster has these: one at a time is asked about. */
const KNATIVE: Resource = {
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
};

/** A warning is not worth a slow answer. */
const LOOK_MS = 1000;

export function startSurroundings(options: SurroundingsOptions): Surroundings {
  const { transport, clock, log, metrics, signal, defaults } = options;

  function follow<T extends KubeObject>(resource: Resource, more: Partial<ReflectorOptions<T>>): Reflector<T> {
    return startReflector<T>({
      ...{ transport, clock, log, signal, path: collectionPath(resource), metrics: metrics.reflector(resource.plural) },
      onChange: () => undefined,
      ...more,
    });
  }
  const canaries = follow<Canary>(CANARIES, { keep: specOf });
  const templates = follow<MetricTemplate>(TEMPLATES, { keep: specOf });
  const known = new Map<string, Reflector<KubeObject>>([
    [typeOf(CANARIES), canaries],
    [typeOf(TEMPLATES), templates],
    [typeOf(ALERT_PROVIDERS), follow(ALERT_PROVIDERS, { keep: nameOf, metadataOnly: true })],
    ...WORKLOADS.map((resource) => [typeOf(resource), follow(resource, { keep: nameOf, metadataOnly: true })] as const),
  ]);

  async function isMissing(reference: Reference): Promise<boolean> {
    const { namespace, name } = reference;
    const store = known.get(typeOf(reference));
    if (store !== undefined) return store.get(`${namespace}/${name}`) === undefined;
    if (typeOf(reference) !== typeOf(KNATIVE)) return false;
    try {
      await transport.request({ path: objectPath(KNATIVE, { namespace, name }), deadlineMs: LOOK_MS });
      return false;
    } catch (error) {
      if (isNotFound(error)) return true;
      log.warn({ err: error, name: `${namespace}/${name}` }, 'could not look for the Knative Service');
      return false;
    }
  }

  return {
    synced: Promise.all([...known.values()].map(({ synced }) => synced)),
    async of(subject) {
      const references = referencesOf(subject);
      const missing = await Promise.all(references.map(isMissing));
      return {
        ...defaults,
        canaries: [...canaries.values()].filter(({ metadata }) => metadata.namespace === subject.namespace),
        templates: references.flatMap(({ kind, ...reference }) => {
          const template = templates.get(`${reference.namespace}/${reference.name}`);
          return kind === 'MetricTemplate' && template !== undefined ? [template] : [];
        }),
        missing: references.filter((_, index) => missing[index]),
      };
    },
  };
}

/** What is wrong by itself may have references of any shape, and is refused without them. */
function referencesOf({ kind, object }: Subject): readonly Reference[] {
  if (validate(kind, object).length > 0) return [];
  const whole = withDefaults(kind, object);
  if (kind === 'Canary') return referencesOfCanary(whole as Canary);
  return kind === 'CanaryAction' ? referencesOfAction(whole as CanaryAction) : [];
}

function typeOf({ apiVersion, kind }: Pick<Resource, 'apiVersion' | 'kind'>): string {
  return `${apiVersion} ${kind}`;
}

/** That it is there, and nothing else. */
function nameOf<T extends KubeObject>({ metadata: { namespace, name, uid, resourceVersion } }: T): T {
  return { metadata: { namespace, name, uid, resourceVersion } } as T;
}

/** All that rules look at of another object; a status can be large. */
function specOf<T extends KubeObject>(object: T): T {
  const { spec, metadata } = object as T & {
    readonly spec?: unknown;
    readonly metadata: { readonly deletionTimestamp?: string };
  };
  const { deletionTimestamp } = metadata;
  const kept = nameOf(object).metadata;
  return { metadata: deletionTimestamp === undefined ? kept : { ...kept, deletionTimestamp }, spec } as unknown as T;
}
