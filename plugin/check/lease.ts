import { pause } from '../../kube/clock.ts';
import { LEASES, type Lease } from '../../kube/leader-election/lease.ts';
import { objectPath } from '../../kube/resource.ts';
import { type InstalledProgram, optionOf } from '../cluster/installation.ts';
import { type Answer, ask, notAsked } from './ask.ts';
import { type CheckLine, fail, ok } from './check-line.ts';
import type { InstalledSite } from './site.ts';

const NAME = 'leader';
const USUAL_NAME = 'kubectl-canary-controller';
const USUAL_SECONDS = 15;

/** Where the clocks of the two machines differ, that it is renewed is seen by waiting for it. */
export async function checkLease(site: InstalledSite): Promise<readonly CheckLine[]> {
  const { transport, signal, clock, installation } = site;
  const { controller } = installation;
  if (controller === undefined) return [];
  const path = leasePath(controller);
  const first = await ask<Lease>(transport, { path, signal });
  const line = judgeLease(first, controller, clock.date());
  if (line.verdict !== 'fail' || first.kind !== 'found' || !isHeld(first.value)) return [line];
  await pause(clock, (first.value.spec?.leaseDurationSeconds ?? USUAL_SECONDS) * 1000, signal);
  const second = await ask<Lease>(transport, { path, signal });
  const isRenewed = second.kind === 'found' && second.value.spec?.renewTime !== first.value.spec?.renewTime;
  return [isRenewed ? ok(NAME, `${second.value.spec?.holderIdentity ?? ''} has just renewed its Lease`) : line];
}

function leasePath(controller: InstalledProgram): string {
  const name = optionOf(controller, '--lease-name') ?? USUAL_NAME;
  return objectPath(LEASES, { name, namespace: optionOf(controller, '--lease-namespace') ?? controller.namespace });
}

function isHeld({ spec }: Lease): boolean {
  return (spec?.holderIdentity ?? '') !== '';
}

export function judgeLease(answer: Answer<Lease>, controller: InstalledProgram, now: Date): CheckLine {
  const fix = `kubectl -n ${controller.namespace} logs deployment/${controller.name}`;
  if (answer.kind === 'forbidden') return notAsked(NAME, `read Leases in ${controller.namespace}`);
  if (answer.kind === 'missing' || !isHeld(answer.value)) return fail(NAME, 'no controller leads', fix);
  const { holderIdentity = '', renewTime = '', leaseDurationSeconds = USUAL_SECONDS } = answer.value.spec ?? {};
  const age = Math.round((now.getTime() - Date.parse(renewTime)) / 1000);
  if (Number.isNaN(age) || age > leaseDurationSeconds)
    return fail(NAME, `${holderIdentity} has not renewed its Lease for ${Number.isNaN(age) ? 'ever' : `${age}s`}`, fix);
  return ok(NAME, `${holderIdentity}, renewed ${Math.max(0, age)}s ago`);
}
