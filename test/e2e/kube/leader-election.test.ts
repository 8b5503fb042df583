import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { testNamespace } from '../namespace.ts';
import { runLeaderTrial, summary } from './leader-trial.ts';

describe('three candidates for one Lease', () => {
  const namespace = testNamespace('leader-election');
  let transport: Transport;

  before(async () => {
    transport = await apiServer();
  });
  after(() => transport.close());

  // `make soak` does all that can be done to them, for ten minutes.
  it('never write after one another, whether they are told to end, killed, stopped or set wrong', async (t) => {
    const report = await runLeaderTrial({
      ...{ transport, namespace },
      faults: [
        'SIGTERM to the leader',
        'SIGKILL to the leader, the dates of the others an hour before and after',
        'SIGSTOP to the leader for a moment, while the clocks of the others leap a minute',
        'SIGSTOP to the leader, for longer than its lease',
      ],
      say: (line) => t.diagnostic(line),
    });
    for (const line of summary(report)) t.diagnostic(line);
    assert.deepEqual(report.returned, []);
    assert.equal(report.gaps, 0);
    assert.equal(report.holders.length, 4, report.holders.join(' '));
    assert.ok(report.writes > 100, `${report.writes} writes`);
    assert.ok(report.refused.fence > 0, 'who goes on after his time is held back by the fence');
    const [terminated, killed] = report.successions;
    assert.ok((terminated?.ms ?? Number.NaN) < 10_000, 'a holder that is told to end gives the lease up');
    assert.ok((killed?.ms ?? Number.NaN) > 10_000, 'a lease is not taken before its time');
  });
});
