import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Deployment } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import type { Transport } from '../../../kube/transport/transport.ts';
import type { Manifest } from './apply.ts';

/** What every sandbox has besides Kubernetes itself: a folder of manifests each, as what `--with` adds. */
const ALWAYS: readonly string[] = ['coredns', 'contour', 'prometheus', 'smi'];

const FOLDER = join(import.meta.dirname, '..', 'manifests');

/** The manifests of each add-on. `moduleManifests`: those that came with a program's own module, by the program's name. */
export function addonManifests(
  extra: readonly string[],
  moduleManifests: Readonly<Record<string, string>>,
): Manifest[][] {
  return [...ALWAYS, ...extra].map((addon) => {
    const fromModule = moduleManifests[addon];
    return [
      ...(fromModule === undefined ? [] : (JSON.parse(readFileSync(fromModule, 'utf8')) as Manifest[])),
      ...readManifests(join(FOLDER, addon)),
    ];
  });
}

function readManifests(folder: string): Manifest[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
    .map((document) => document.toJS() as Manifest);
}

const GIVE_UP_MS = 90_000;

/** Waits until every Deployment among the manifests is available. */
export async function waitForAddons(
  transport: Transport,
  manifests: readonly Manifest[],
  signal: AbortSignal,
  onWait: (names: string) => void,
): Promise<void> {
  const giveUp = Date.now() + GIVE_UP_MS;
  let waiting = manifests.filter((manifest) => manifest.kind === 'Deployment');
  for (;;) {
    const available = await Promise.all(waiting.map((manifest) => isAvailable(transport, manifest, signal)));
    waiting = waiting.filter((_, index) => available[index] === false);
    if (waiting.length === 0) return;
    const names = waiting.map(({ metadata }) => metadata.name).join(', ');
    if (Date.now() > giveUp) throw new Error(`not available after ${GIVE_UP_MS / 1000} s: ${names}`);
    onWait(names);
    await sleep(100, undefined, { signal });
  }
}

async function isAvailable(transport: Transport, { metadata }: Manifest, signal: AbortSignal): Promise<boolean> {
  const path = `/apis/apps/v1/namespaces/${metadata.namespace ?? 'default'}/deployments/${metadata.name}`;
  const { status } = await transport.request<V1Deployment>({ path, signal });
  return status?.conditions?.some(({ type, status: is }) => type === 'Available' && is === 'True') ?? false;
}
