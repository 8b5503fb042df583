import { apiServer } from '../e2e/api-server.ts';
import { LEADER_FAULTS, type LeaderFaultName } from '../e2e/kube/leader-faults.ts';
import { runLeaderTrial, summary } from '../e2e/kube/leader-trial.ts';
import { kubectl } from '../e2e/kubectl.ts';

export interface LeaderSoakOptions {
  readonly minutes: number;
  readonly say: (line: string) => void;
}

/** Three candidates for one Lease that are killed, stopped and set wrong; what was wrong. */
export async function soakLeader({ minutes, say }: LeaderSoakOptions): Promise<readonly string[]> {
  const over = performance.now() + minutes * 60_000;
  await kubectl('create', 'namespace', 'soak');
  const transport = await apiServer();
  const report = await runLeaderTrial({ transport, namespace: 'soak', faults: faultsUntil(over), say });
  transport.close();
  for (const line of summary(report)) say(line);
  return [
    ...(report.gaps === 0 ? [] : [`${report.gaps} writes were missed: there is no telling`]),
    ...report.returned.map((holder) => `${holder} wrote after the next one had`),
  ];
}

/** All of them in random order, then all again, until the time is over. */
function* faultsUntil(over: number): Generator<LeaderFaultName> {
  for (;;) {
    const names = Object.keys(LEADER_FAULTS) as LeaderFaultName[];
    while (names.length > 0) {
      if (performance.now() > over) return;
      yield* names.splice(Math.floor(Math.random() * names.length), 1);
    }
  }
}
