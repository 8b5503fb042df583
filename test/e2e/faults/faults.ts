import { CLUSTER_FAULTS } from './cluster-faults.ts';
import { CONTROLLER_FAULTS } from './controller-faults.ts';
import type { Fault } from './fault.ts';
import { METRIC_FAULTS } from './metric-faults.ts';
import { WORKLOAD_FAULTS } from './workload-faults.ts';

export interface FaultGroup {
  readonly title: string;
  readonly faults: readonly Fault[];
  /** Whether each befalls one release alone, or all that share it: these run side by side. */
  readonly sideBySide: boolean;
}

/** All that is tried, in the order of the table. */
export const FAULT_GROUPS: readonly FaultGroup[] = [
  { title: 'Whoever measures', faults: METRIC_FAULTS, sideBySide: true },
  { title: 'Pods, routes and the webhook', faults: WORKLOAD_FAULTS, sideBySide: true },
  { title: 'The cluster', faults: CLUSTER_FAULTS, sideBySide: false },
  { title: 'The controller', faults: CONTROLLER_FAULTS, sideBySide: true },
];
