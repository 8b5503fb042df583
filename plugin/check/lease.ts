import { pause } from '../../kube/clock.ts';
import { LEASES, type Lease } from '../../kube/leader-election/lease.ts';
import { objectPath } from '../../kube/resource.ts';
import { type InstalledProgram, optionOf } from '../cluster/installation.ts';
import { type Answer, ask, notAsked } from './ask.ts';
import { type CheckLine, fail, ok } from './check-line.ts';
import { eachController } from './each-controller.ts';
import type { InstalledSite, Site } from './site.ts';

const USUAL_NAME = 'kubectl-canary-controller';
const USUAL_SECONDS = 15;

export async function checkLeases(site: InstalledSite): Promise<readonly CheckLine[]> {
  const controllers = eachController('leader', site.installation);
  return Promise.all(controllers.map(({ name, controller }) => checkLease(name, controller, site)));
}

/** Where the clocks of the two machines differ, that it is renewed is seen by waiting for it. */
async function checkLease(name: string, controller: InstalledProgram, site: Site): Promise<CheckLine> {
  const { transport, signal, clock } = site;
  const path = leasePath(controller);
  const first = await ask<Lease>(transport, { path, signal });
  const line = judgeLease(name, first, controller, clock.date());
  if (line.verdict !== 'fail' || first.kind !== 'found' || !isHeld(first.value)) return line;
  await pause(clock, (first.value.spec?.leaseDurationSeconds ?? USUAL_SECONDS) * 1000, signal);
  const second = await ask<Lease>(transport, { path, signal });
  const isRenewed = second.kind === 'found' && second.value.spec?.renewTime !== first.value.spec?.renewTime;
  return isRenewed ? ok(name, `${second.value.spec?.holderIdentity ?? ''} has just renewed its Lease`) : line;
}

function leasePath(controller: InstalledProgram): string {
  const lease = optionOf(controller, '--lease-name') ?? USUAL_NAME;
  return objectPath(LEASES, {
    name: lease,
    namespace: optionOf(controller, '--lease-namespace') ?? controller.namespace,
  });
}

function isHeld({ spec }: Lease): boolean {
  return (spec?.holderIdentity ?? '') !== '';
}

/** @param name what the line is called */
export function judgeLease(name: string, answer: Answer<Lease>, controller: InstalledProgram, now: Date): CheckLine {
  const fix = `kubectl -n ${controller.namespace} logs deployment/${controller.name}`;
  if (answer.kind === 'forbidden') return notAsked(name, `read Leases in ${controller.namespace}`);
  if (answer.kind === 'missing' || !isHeld(answer.value)) return fail(name, 'no controller leads', fix);
  const { holderIdentity = '', renewTime = '', leaseDurationSeconds = USUAL_SECONDS } = answer.value.spec ?? {};
  const age = Math.round((now.getTime() - Date.parse(renewTime)) / 1000);
  if (Number.isNaN(age) || age > leaseDurationSeconds)
    return fail(name, `${holderIdentity} has not renewed its Lease for ${Number.isNaN(age) ? 'ever' : `${age}s`}`, fix);
  return ok(name, `${holderIdentity}, renewed ${Math.max(0, age)}s ago`);
}
