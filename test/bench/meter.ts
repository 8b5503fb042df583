import type { Transport } from '../../kube/transport/transport.ts';
import { type ApiRequests, apiRequests, requestsSince } from './api-requests.ts';
import type { ControllerProcesses } from './controller-processes.ts';
import { cpuText, cpuTimes } from './cpu-by-program.ts';

/** What was used between two moments. */
export interface Used {
  /** Of the whole cluster. */
  readonly requests: ApiRequests;
  readonly cpuSeconds: number;
  readonly standbyCpuSeconds: number;
  /** Of all programs, as a text. */
  readonly cpuByProgram: string;
}

export interface Meter {
  /** By `performance.now`. */
  readonly started: number;
  used(): Promise<Used>;
}

export async function startMeter(server: Transport, { leader, standby }: ControllerProcesses): Promise<Meter> {
  const before = { requests: await apiRequests(server), leader: leader(), standby: standby(), times: cpuTimes() };
  return {
    started: performance.now(),
    async used() {
      return {
        requests: requestsSince(before.requests, await apiRequests(server)),
        cpuSeconds: leader().cpuSeconds - before.leader.cpuSeconds,
        standbyCpuSeconds: standby().cpuSeconds - before.standby.cpuSeconds,
        cpuByProgram: cpuText(before.times, cpuTimes()),
      };
    },
  };
}
