import type { ObjectData } from '../config-source.ts';
import type { Volume } from '../pod.ts';

/** One file of a volume that the kubelet writes. */
export interface PayloadFile {
  readonly content: Buffer;
  readonly mode: number;
}

/** Relative path -> file. */
export type Payload = ReadonlyMap<string, PayloadFile>;

/** A volume cannot be set up; the message is what the event says after `MountVolume.SetUp failed for volume "x" : `. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

/** What is common to configMap and secret volumes and to their projections. */
export interface KeySelection {
  readonly kind: 'configmap' | 'secret';
  readonly name: string;
  readonly items: readonly { readonly key: string; readonly path: string; readonly mode?: number }[] | undefined;
  readonly optional: boolean;
  readonly defaultMode: number;
}

const DEFAULT_MODE = 0o644;

export function selectionOf({ configMap, secret }: Volume): KeySelection | undefined {
  const source = configMap ?? secret;
  if (source === undefined) return undefined;
  return {
    kind: configMap === undefined ? 'secret' : 'configmap',
    name: configMap?.name ?? secret?.secretName ?? '',
    items: source.items,
    optional: source.optional ?? false,
    defaultMode: source.defaultMode ?? DEFAULT_MODE,
  };
}

/** The files of a ConfigMap or Secret: all keys, or the chosen ones at their paths. */
export function payloadOf(selection: KeySelection, data: ObjectData | undefined): Payload {
  const { kind, name, items, optional, defaultMode } = selection;
  if (data === undefined) {
    if (optional) return new Map();
    throw new VolumeError(`${kind} "${name}" not found`);
  }
  if (items === undefined || items.length === 0) {
    return new Map(Object.entries(data).map(([key, content]) => [key, { content, mode: defaultMode }]));
  }
  const payload = new Map<string, PayloadFile>();
  for (const { key, path, mode } of items) {
    const content = data[key];
    if (content !== undefined) payload.set(path, { content, mode: mode ?? defaultMode });
    else if (!optional && kind === 'configmap')
      throw new VolumeError(`configmap references non-existent config key: ${key}`);
    else if (!optional) throw new VolumeError(`references non-existent secret key: ${key}`);
  }
  return payload;
}

export function samePayload(left: Payload, right: Payload): boolean {
  if (left.size !== right.size) return false;
  for (const [path, { content, mode }] of left) {
    const other = right.get(path);
    if (other === undefined || other.mode !== mode || !other.content.equals(content)) return false;
  }
  return true;
}
