import { isNotFound, KubeError } from '../../../kube/errors.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { unlessAborted } from '../../../kube/unless-aborted.ts';
import type { ConfigData, ConfigNames } from './environment.ts';
import { pause } from './pause.ts';

/** The data of a ConfigMap or a Secret as bytes. */
export type ObjectData = Readonly<Record<string, Buffer>>;

/** Reads ConfigMaps and Secrets one by one: a node may read those that its pods name, and only by their names. */
export interface ConfigSource {
  readonly configMap: (namespace: string, name: string, signal: AbortSignal) => Promise<ObjectData | undefined>;
  readonly secret: (namespace: string, name: string, signal: AbortSignal) => Promise<ObjectData | undefined>;
}

interface ConfigObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Pods that start together (the replicas of a Deployment) share one answer. */
const FRESH_MS = 1000;
/** The authorizer learns of a pod's references a moment after the pod has been bound: a refusal may be too early. */
const REFUSED_TRIES = 5;
const REFUSED_PAUSE_MS = 200;

export function createConfigSource(transport: Transport): ConfigSource {
  const recent = new Map<string, { readonly at: number; readonly object: Promise<ConfigObject | undefined> }>();

  function read(path: string, signal: AbortSignal): Promise<ConfigObject | undefined> {
    const now = Date.now();
    const known = recent.get(path);
    if (known !== undefined && now - known.at < FRESH_MS) return known.object;
    for (const [key, { at }] of recent) if (now - at >= FRESH_MS) recent.delete(key);
    // The answer is shared, so that it is not bound to the signal of the one pod that happened to ask first.
    const object = get(transport, path);
    object.catch(() => recent.delete(path));
    recent.set(path, { at: now, object });
    return unlessAborted(object, signal);
  }

  return {
    async configMap(namespace, name, signal) {
      const object = await read(`/api/v1/namespaces/${namespace}/configmaps/${name}`, signal);
      if (object === undefined) return undefined;
      return { ...buffers(object.data, 'utf8'), ...buffers(object.binaryData, 'base64') };
    },
    async secret(namespace, name, signal) {
      const object = await read(`/api/v1/namespaces/${namespace}/secrets/${name}`, signal);
      return object === undefined ? undefined : buffers(object.data, 'base64');
    },
  };
}

/** Reads all objects that a container's environment names, as texts. */
export async function readConfigData(
  source: ConfigSource,
  namespace: string,
  names: ConfigNames,
  signal: AbortSignal,
): Promise<ConfigData> {
  const configMaps = new Map<string, Record<string, string> | undefined>();
  const secrets = new Map<string, Record<string, string> | undefined>();
  for (const name of names.configMaps) configMaps.set(name, texts(await source.configMap(namespace, name, signal)));
  for (const name of names.secrets) secrets.set(name, texts(await source.secret(namespace, name, signal)));
  return { configMaps, secrets };
}

async function get(transport: Transport, path: string): Promise<ConfigObject | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      return await transport.request<ConfigObject>({ path });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!(error instanceof KubeError && error.status === 403 && tries < REFUSED_TRIES)) throw error;
      await pause(REFUSED_PAUSE_MS * tries, new AbortController().signal);
    }
  }
}

function buffers(data: Readonly<Record<string, string>> = {}, encoding: BufferEncoding): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, encoding)]));
}

function texts(data: ObjectData | undefined): Record<string, string> | undefined {
  if (data === undefined) return undefined;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, value.toString('utf8')]));
}
