import { KubeError } from '../kube/errors.ts';

/** What was kept is not used: it is not what was kept, or is gone. These are reasons that a canary waits with. */
export type KeptFault = 'RevisionTampered' | 'RevisionMissing' | 'CopyTampered';

const FAULTS: readonly string[] = ['RevisionTampered', 'RevisionMissing', 'CopyTampered'] satisfies KeptFault[];

/** As a refused write: trying again helps once somebody has done something about it. */
export function keptFault(reason: KeptFault, message: string): KubeError {
  return new KubeError({ status: 422, reason, message });
}

/** The reason of an error of `keptFault`. */
export function keptFaultOf(error: unknown): KeptFault | undefined {
  const reason = error instanceof KubeError ? error.reason : '';
  return FAULTS.includes(reason) ? (reason as KeptFault) : undefined;
}
