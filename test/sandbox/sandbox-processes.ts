import { join } from 'node:path';
import { readJson, type SandboxProcesses } from './cluster/state.ts';
import { Failure } from './failure.ts';
import { type Places, sandboxFolder } from './places.ts';
import { isSame } from './process-identity.ts';

const FILE = 'processes.json';

export function processesFile(folder: string): string {
  return join(folder, FILE);
}

/** The processes of a sandbox that is alive; undefined where there is none, or only what a killed one left behind. */
export function livingProcesses(folder: string): SandboxProcesses | undefined {
  const processes = readJson<SandboxProcesses>(processesFile(folder));
  return processes !== undefined && isSame(processes.init) ? processes : undefined;
}

/** @throws {Failure} when the sandbox is not up */
export function requireLiving(places: Places, name: string): SandboxProcesses {
  const processes = livingProcesses(sandboxFolder(places, name));
  if (processes !== undefined) return processes;
  const option = name === 'default' ? '' : ` --name ${name}`;
  throw new Failure(`there is no sandbox "${name}": start it with test/sandbox/sandbox up${option}`);
}
