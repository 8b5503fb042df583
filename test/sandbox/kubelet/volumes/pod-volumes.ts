import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transport } from '../../../../kube/transport/transport.ts';
import type { ConfigSource } from '../config-source.ts';
import { fieldValue, type NodeFacts, resourceValue } from '../field-value.ts';
import type { Pod, Volume } from '../pod.ts';
import { writeAtomically } from './atomic-writer.ts';
import { type Payload, type PayloadFile, payloadOf, samePayload, selectionOf, VolumeError } from './payload.ts';
import { requestToken, type Token } from './service-account-token.ts';

export interface VolumeOptions {
  readonly transport: Transport;
  readonly source: ConfigSource;
  /** Belongs to this pod: everything in it goes with the pod. */
  readonly directory: string;
  /** The same in memory, for an emptyDir of medium Memory. */
  readonly memoryDirectory: string;
}

/** Names the volume that could not be set up. */
export class MountError extends Error {
  override readonly name = 'MountError';

  constructor(volume: string, cause: unknown) {
    super(
      `MountVolume.SetUp failed for volume "${volume}" : ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** The directories behind the volumes of one pod, and what the kubelet keeps up to date in them. */
export class PodVolumes {
  readonly #options: VolumeOptions;
  readonly #directories = new Map<string, string>();
  readonly #written = new Map<string, Payload>();
  readonly #tokens = new Map<string, Token>();

  constructor(options: VolumeOptions) {
    this.#options = options;
  }

  /** The directory of a volume that is set up. */
  directory(volume: string): string | undefined {
    return this.#directories.get(volume);
  }

  /** Whether anything here may change while the pod runs. */
  get refreshable(): boolean {
    return this.#written.size > 0;
  }

  /** Sets up whatever is not yet. Throws a MountError for the first volume that cannot be. */
  async mount(pod: Pod, node: NodeFacts, signal: AbortSignal): Promise<void> {
    for (const volume of pod.spec.volumes ?? []) {
      if (this.#directories.has(volume.name)) continue;
      try {
        this.#directories.set(volume.name, await this.#setUp(volume, pod, node, signal));
      } catch (error) {
        throw new MountError(volume.name, error);
      }
    }
  }

  /** Brings files up to date with the objects that they come from. Throws a MountError, with the old files in place. */
  async refresh(pod: Pod, node: NodeFacts, signal: AbortSignal): Promise<void> {
    for (const volume of pod.spec.volumes ?? []) {
      if (!this.#written.has(volume.name)) continue;
      try {
        await this.#write(volume, pod, node, signal);
      } catch (error) {
        throw new MountError(volume.name, error);
      }
    }
  }

  async remove(): Promise<void> {
    this.#directories.clear();
    this.#written.clear();
    await rm(this.#options.directory, { recursive: true, force: true });
    await rm(this.#options.memoryDirectory, { recursive: true, force: true });
  }

  async #setUp(volume: Volume, pod: Pod, node: NodeFacts, signal: AbortSignal): Promise<string> {
    const { emptyDir, hostPath } = volume;
    if (emptyDir !== undefined) {
      const { directory, memoryDirectory } = this.#options;
      const path = join(emptyDir.medium === 'Memory' ? memoryDirectory : directory, volume.name);
      await mkdir(path, { recursive: true, mode: 0o777 });
      return path;
    }
    if (hostPath !== undefined) {
      throw new VolumeError(`hostPath "${hostPath.path}" is refused: the sandbox shows nothing of its host to pods`);
    }
    if (selectionOf(volume) === undefined && volume.projected === undefined && volume.downwardAPI === undefined) {
      const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
      throw new VolumeError(
        `volumes of kind "${kind}" are not supported in the sandbox (emptyDir, configMap, secret, projected and downwardAPI are)`,
      );
    }
    return this.#write(volume, pod, node, signal);
  }

  async #write(volume: Volume, pod: Pod, node: NodeFacts, signal: AbortSignal): Promise<string> {
    const path = join(this.#options.directory, volume.name);
    const payload = await this.#payload(volume, pod, node, signal);
    const old = this.#written.get(volume.name);
    if (old === undefined || !samePayload(old, payload)) {
      await writeAtomically(path, payload, new Date());
      this.#written.set(volume.name, payload);
    }
    return path;
  }

  async #payload(volume: Volume, pod: Pod, node: NodeFacts, signal: AbortSignal): Promise<Payload> {
    const selection = selectionOf(volume);
    if (selection !== undefined) return this.#selected(selection, pod, signal);
    if (volume.downwardAPI !== undefined) {
      return downwardFiles(volume.downwardAPI.items, volume.downwardAPI.defaultMode, pod, node);
    }
    const payload = new Map<string, PayloadFile>();
    const { sources = [], defaultMode } = volume.projected ?? {};
    for (const [index, source] of sources.entries()) {
      for (const [path, file] of await this.#projection(
        `${volume.name}/${index}`,
        source,
        defaultMode,
        pod,
        node,
        signal,
      )) {
        payload.set(path, file);
      }
    }
    return payload;
  }

  async #projection(
    key: string,
    source: NonNullable<NonNullable<Volume['projected']>['sources']>[number],
    defaultMode: number | undefined,
    pod: Pod,
    node: NodeFacts,
    signal: AbortSignal,
  ): Promise<Payload> {
    const { configMap, secret, downwardAPI, serviceAccountToken } = source;
    if (configMap !== undefined || secret !== undefined) {
      const volume: Volume = { name: key };
      const mode = defaultMode === undefined ? {} : { defaultMode };
      if (configMap !== undefined) volume.configMap = { ...configMap, ...mode };
      else if (secret !== undefined) volume.secret = { ...secret, secretName: secret.name ?? '', ...mode };
      const selection = selectionOf(volume);
      return selection === undefined ? new Map() : this.#selected(selection, pod, signal);
    }
    if (downwardAPI !== undefined) return downwardFiles(downwardAPI.items, defaultMode, pod, node);
    if (serviceAccountToken !== undefined) {
      const { path, audience, expirationSeconds = 3600 } = serviceAccountToken;
      let token = this.#tokens.get(key);
      if (token === undefined || token.refreshAt <= Date.now()) {
        token = await requestToken(this.#options.transport, pod, { audience, expirationSeconds }, signal);
        this.#tokens.set(key, token);
      }
      return new Map([[path, { content: Buffer.from(token.token), mode: defaultMode ?? 0o644 }]]);
    }
    throw new VolumeError(`projections of kind "${Object.keys(source).join(', ')}" are not supported in the sandbox`);
  }

  async #selected(
    selection: NonNullable<ReturnType<typeof selectionOf>>,
    pod: Pod,
    signal: AbortSignal,
  ): Promise<Payload> {
    const { source } = this.#options;
    const { namespace } = pod.metadata;
    const read = selection.kind === 'secret' ? source.secret : source.configMap;
    return payloadOf(selection, await read(namespace, selection.name, signal));
  }
}

function downwardFiles(
  items: NonNullable<Volume['downwardAPI']>['items'],
  defaultMode: number | undefined,
  pod: Pod,
  node: NodeFacts,
): Payload {
  const payload = new Map<string, PayloadFile>();
  for (const { path, mode, fieldRef, resourceFieldRef } of items ?? []) {
    let text = '';
    if (fieldRef !== undefined) {
      text = fieldValue(fieldRef.fieldPath, pod, node) ?? '';
    } else if (resourceFieldRef !== undefined) {
      const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
      const container = all.find(({ name }) => name === resourceFieldRef.containerName);
      if (container === undefined) throw new VolumeError(`there is no container "${resourceFieldRef.containerName}"`);
      text = resourceValue(resourceFieldRef.resource, resourceFieldRef.divisor, container, node);
    }
    payload.set(path, { content: Buffer.from(text), mode: mode ?? defaultMode ?? 0o644 });
  }
  return payload;
}
