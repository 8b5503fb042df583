import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { layoutOf } from './cluster/layout.ts';
import { readJson, type SandboxState } from './cluster/state.ts';
import type { Places } from './places.ts';
import { livingProcesses } from './sandbox-processes.ts';

export interface ListedSandbox {
  readonly name: string;
  readonly state: SandboxState['phase'];
  readonly ageSeconds: number;
}

/** The sandboxes of this user that are alive. */
export function listSandboxes(places: Places): ListedSandbox[] {
  if (!existsSync(places.sandboxes)) return [];
  return readdirSync(places.sandboxes).flatMap((name): ListedSandbox[] => {
    const folder = join(places.sandboxes, name);
    if (livingProcesses(folder) === undefined) return [];
    const state = readJson<SandboxState>(layoutOf(folder).state);
    const ageSeconds = state === undefined ? 0 : Math.round((Date.now() - state.startedAt) / 1000);
    return [{ name, state: state?.phase ?? 'starting', ageSeconds }];
  });
}
