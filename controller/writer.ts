import type { Fence } from '../kube/transport/fence.ts';
import type { Transport } from '../kube/transport/transport.ts';

/** Whoever the API server records as the owner of what we write. */
export const FIELD_MANAGER = 'kubectl-canary';

/** What every write of the controller goes through. */
export interface Writer {
  readonly transport: Transport;
  readonly fieldManager: string;
  /** Nothing is written without the lease. */
  readonly fence: Fence;
  readonly signal: AbortSignal;
}
