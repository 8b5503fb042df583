import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Places, sandboxFolder } from './places.ts';
import { isSame, type ProcessIdentity } from './process-identity.ts';
import { livingProcesses } from './sandbox-processes.ts';

const GRACE_MS = 15_000;
const POLL_MS = 20;

/** Ends a sandbox and removes its folder. Nothing to do is fine. */
export async function down(places: Places, name: string): Promise<void> {
  const folder = sandboxFolder(places, name);
  await endProcesses(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Returns when no process of the sandbox is left, and so no mount either. */
export async function endProcesses(folder: string): Promise<void> {
  const processes = livingProcesses(folder);
  if (processes !== undefined) {
    signalTo(processes.init, 'SIGTERM');
    // The kernel ends every process in the namespaces with their first one, and every mount with the last process.
    if (!(await isGone(processes.init, GRACE_MS))) signalTo(processes.init, 'SIGKILL');
    await isGone(processes.holder, GRACE_MS);
  }
}

function signalTo(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    if (isSame(identity)) process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function isGone(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  for (const giveUp = Date.now() + withinMs; isSame(identity); await sleep(POLL_MS)) {
    if (Date.now() > giveUp) return false;
  }
  return true;
}
