import type { Clock } from '../../kube/clock.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Installation } from '../cluster/installation.ts';

/** What the looks at a cluster work with. */
export interface Site extends Cluster {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A cluster in which the programs are there, or some of them. */
export interface InstalledSite extends Site {
  readonly installation: Installation;
}
