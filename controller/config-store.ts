// Which ConfigMaps and Secrets there are, by their metadata alone, and the digests of those that a target uses.
import { CONFIG_TRACKING_ANNOTATION } from '../api/keys.ts';
import { isNotFound, KubeError } from '../kube/errors.ts';
import type { Log } from '../kube/log.ts';
import type { RuntimeMetrics } from '../kube/metrics.ts';
import type { KubeObject } from '../kube/object.ts';
import { type Reflector, type ReflectorOptions, startReflector } from '../kube/reflector.ts';
import { collectionPath, objectPath } from '../kube/resource.ts';
import { ABSENT } from './decide/configs.ts';
import type { UnreadConfig } from './decide/observation.ts';
import { CONFIG_RESOURCES, type ConfigObject, configDigest } from './workload/config-object.ts';
import { type ConfigKind, type ConfigReference, configKey } from './workload/config-references.ts';

/** Digests by key, of what is there and followed, and `absent`; and why they are not all, where they are not. */
export interface ConfigFacts {
  readonly digests: Readonly<Record<string, string>>;
  readonly unread?: UnreadConfig;
}

export interface ConfigStore {
  readonly synced: Promise<unknown>;
  /** What is referred to, from memory but for what has changed since it was read last. An API error is part of the answer. */
  read(namespace: string, references: readonly ConfigReference[]): Promise<ConfigFacts>;
  has(kind: ConfigKind, key: string): boolean;
}

export interface ConfigStoreOptions extends Pick<ReflectorOptions<KubeObject>, 'transport' | 'clock' | 'signal'> {
  readonly log: Log;
  readonly metrics: Pick<RuntimeMetrics, 'reflector'>;
  readonly namespace: string | undefined;
  readonly onChange: (kind: ConfigKind, key: string) => void;
}

/** All that is kept of one. */
interface Known extends KubeObject {
  readonly isOptedOut: boolean;
}

/** What was read of one, for as long as it is this version of it. */
interface Read {
  readonly version: string;
  readonly digest: string | undefined;
}

/** As many as a status takes. A pod template that has more of them is hardly one that somebody wrote. */
const MAX_REFERENCES = 1024;
/** How soon it is asked again after the API server did not answer. */
const AGAIN_MS = 5000;

export function startConfigStore(options: ConfigStoreOptions): ConfigStore {
  const { transport, clock, signal, log, metrics, namespace: watched, onChange } = options;
  const read = { ConfigMap: new Map<string, Read>(), Secret: new Map<string, Read>() };
  const follow = (kind: ConfigKind): Reflector<Known> => {
    const resource = CONFIG_RESOURCES[kind];
    return startReflector<Known>({
      ...{ transport, clock, log, signal, path: collectionPath(resource, watched), metadataOnly: true, keep: knownOf },
      metrics: metrics.reflector(resource.plural),
      onChange(key, known) {
        if (known === undefined) read[kind].delete(key);
        onChange(kind, key);
      },
    });
  };
  const stores = { ConfigMap: follow('ConfigMap'), Secret: follow('Secret') };

  /** The contents go as soon as it is known what they are. */
  async function digestOf(namespace: string, { kind, name }: ConfigReference, known: Known) {
    const key = `${namespace}/${name}`;
    const version = versionOf(known);
    const before = read[kind].get(key);
    if (before?.version === version) return before.digest;
    const path = objectPath(CONFIG_RESOURCES[kind], { namespace, name });
    const object = await transport.request<ConfigObject>({ path, signal });
    const digest = configDigest(kind, object);
    // It may be newer than what the watch has told: then the watch tells of this one soon, and it is not read again.
    read[kind].set(key, { version: versionOf(object), digest });
    return digest;
  }

  async function one(namespace: string, reference: ConfigReference): Promise<string | UnreadConfig | undefined> {
    const { kind, name, optional } = reference;
    const known = stores[kind].get(`${namespace}/${name}`);
    const missing = { reason: 'ConfigMissing', message: `there is no ${kind} ${name}, which its pods need` } as const;
    if (known === undefined) return optional ? ABSENT : missing;
    if (known.isOptedOut) return undefined;
    try {
      return await digestOf(namespace, reference, known);
    } catch (error) {
      // The watch will tell of it, or of the one that has taken its place.
      if (isNotFound(error)) return { ...missing, reason: 'ConfigUnread', againMs: AGAIN_MS };
      if (!(error instanceof KubeError)) throw error;
      log.warn({ err: error, kind, name: `${namespace}/${name}` }, 'could not be read: nothing is taken for a change');
      const message = `${kind} ${name} cannot be read: ${error.message}`;
      return { reason: 'ConfigUnread', message, againMs: AGAIN_MS };
    }
  }

  return {
    synced: Promise.all([stores.ConfigMap.synced, stores.Secret.synced]),
    has: (kind, key) => stores[kind].get(key) !== undefined,
    async read(namespace, references) {
      const digests: Record<string, string> = {};
      if (references.length > MAX_REFERENCES) {
        const message = `its pods need more than ${MAX_REFERENCES} ConfigMaps and Secrets`;
        return { digests, unread: { reason: 'ConfigUnread', message } };
      }
      let unread: UnreadConfig | undefined;
      for (const reference of references) {
        const found = await one(namespace, reference);
        if (typeof found === 'string') digests[configKey(reference)] = found;
        else if (found !== undefined) unread ??= found;
      }
      return { digests, ...(unread !== undefined && { unread }) };
    },
  };
}

function versionOf({ metadata: { uid, resourceVersion } }: KubeObject): string {
  return `${uid} ${resourceVersion}`;
}

function knownOf({ metadata }: KubeObject): Known {
  const { name, namespace, uid, resourceVersion } = metadata;
  const { annotations = {} } = metadata as { readonly annotations?: Readonly<Record<string, string>> };
  const isOptedOut = annotations[CONFIG_TRACKING_ANNOTATION]?.startsWith('disable') === true;
  return { metadata: { name, ...(namespace !== undefined && { namespace }), uid, resourceVersion }, isOptedOut };
}
