import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

/** Installs all of it as users do, or what is missing of it. */
export async function everythingInstalled(): Promise<void> {
  await execa('make', ['deploy'], { timeout: 240_000 });
  // kube-proxy takes a second to lead to a Service that is new.
  await sleep(3000);
}
