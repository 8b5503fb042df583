// Ten minutes of three candidates for one Lease, in the sandbox: node --import tsx test/soak/main.ts [MINUTES]

import assert from 'node:assert/strict';
import { apiServer } from '../e2e/api-server.ts';
import { LEADER_FAULTS, type LeaderFaultName } from '../e2e/kube/leader-faults.ts';
import { runLeaderTrial, summary } from '../e2e/kube/leader-trial.ts';
import { kubectl } from '../e2e/kubectl.ts';

const minutes = Number(process.argv[2] ?? 10);
assert.ok(minutes > 0, `for how many minutes? not ${process.argv[2]}`);
const started = performance.now();
const elapsed = () => `${((performance.now() - started) / 60_000).toFixed(1)} min`;
const say = (line: string) => void process.stdout.write(`${elapsed()}  ${line}\n`);

/** All of them in random order, then all again, until the time is over. */
function* faults(): Generator<LeaderFaultName> {
  for (;;) {
    const names = Object.keys(LEADER_FAULTS) as LeaderFaultName[];
    while (names.length > 0) {
      if (performance.now() - started > minutes * 60_000) return;
      yield* names.splice(Math.floor(Math.random() * names.length), 1);
    }
  }
}

await kubectl('create', 'namespace', 'soak');
const transport = await apiServer();
const report = await runLeaderTrial({ transport, namespace: 'soak', faults: faults(), say });
transport.close();
for (const line of summary(report)) say(line);
assert.equal(report.gaps, 0, 'writes were missed: there is no telling');
assert.deepEqual(report.returned, [], 'holders wrote after others had written');
say('no holder wrote after the next one had');
