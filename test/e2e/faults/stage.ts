import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import type { FaultProxy } from '../kube/fault-proxy.ts';
import type { FaultyMetrics } from './faulty-metrics.ts';
import type { OwnController } from './own-controllers.ts';

/** What a fault finds: a release under way and under load, and what it can be disturbed by. */
export interface Stage {
  readonly namespace: string;
  readonly transport: Transport;
  readonly metrics: FaultyMetrics;
  /** Between its own controllers and the API server, where there is one. */
  readonly proxy: FaultProxy | undefined;
  readonly controllers: readonly OwnController[];
  /** As it was told last. */
  readonly status: () => CanaryStatus;
  /** Waits until its status is, or has been, so. */
  readonly until: (isWanted: (status: CanaryStatus) => boolean, what: string) => Promise<void>;
  /** Waits until all has been seen that is to be seen while it lasts. */
  readonly untilSeen: () => Promise<void>;
}
