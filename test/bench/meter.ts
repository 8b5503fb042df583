import type { Transport } from '../../kube/transport/transport.ts';
import { type ApiRequests, apiRequests, requestsSince } from './api-requests.ts';
import type { ControllerProcesses } from './controller-processes.ts';

/** What was used between two moments. */
export interface Used {
  /** Of the whole cluster. */
  readonly requests: ApiRequests;
  readonly cpuSeconds: number;
  readonly standbyCpuSeconds: number;
}

export interface Meter {
  /** By `performance.now`. */
  readonly started: number;
  used(): Promise<Used>;
}

export async function startMeter(server: Transport, { leader, standby }: ControllerProcesses): Promise<Meter> {
  const before = { requests: await apiRequests(server), leader: leader(), standby: standby() };
  return {
    started: performance.now(),
    async used() {
      return {
        requests: requestsSince(before.requests, await apiRequests(server)),
        cpuSeconds: leader().cpuSeconds - before.leader.cpuSeconds,
        standbyCpuSeconds: standby().cpuSeconds - before.standby.cpuSeconds,
      };
    },
  };
}
