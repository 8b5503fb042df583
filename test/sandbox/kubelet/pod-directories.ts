import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Pod } from './pod.ts';

/** Where the files of one pod are. */
export interface PodDirectories {
  readonly root: string;
  readonly volumes: string;
  /** In memory. */
  readonly memory: string;
  readonly logs: string;
}

/** In the sandbox, /run is memory; what is there ends with it. One kubelet is told from another by its rootDir. */
export function memoryRoot(rootDir: string): string {
  return `/run/kubelet-${createHash('sha256').update(rootDir).digest('hex').slice(0, 8)}`;
}

export function podDirectories(rootDir: string, { metadata }: Pod): PodDirectories {
  const root = join(rootDir, 'pods', metadata.uid);
  return {
    root,
    volumes: join(root, 'volumes'),
    memory: join(memoryRoot(rootDir), metadata.uid),
    logs: join(rootDir, 'logs', `${metadata.namespace}_${metadata.name}_${metadata.uid}`),
  };
}
