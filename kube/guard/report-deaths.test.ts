import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DEATHS_ANNOTATION } from '../../api/keys.ts';
import { electLeader } from '../leader-election/leader-election.ts';
import type { Leadership } from '../leader-election/leadership.ts';
import type { Annotations } from '../leader-election/lease.ts';
import { NAME, NAMESPACE, PretendLeaseServer } from '../leader-election/pretend-lease-server.ts';
import { silentLog } from '../log.ts';
import { SteppingClock, settled } from '../stepping-clock.ts';
import { Marks } from './marks.ts';
import { deathsIn } from './quarantine-record.ts';
import { reportDeaths } from './report-deaths.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubectl-canary-deaths-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** Controllers in a pod of their own each, with one Lease, whose messages take no time. */
function cluster() {
  const clock = new SteppingClock();
  const server = new PretendLeaseServer();
  const transport = server.transport({
    fate: () => ({ thereMs: 0, backMs: 0 }),
    after: (ms, action) => {
      if (ms > 0) return clock.after(ms, action);
      action();
      return () => undefined;
    },
    deliver: (action) => action(),
  });
  const path = join(folder, `marks-${++files}`);
  const lease = {
    transport,
    clock,
    log: silentLog,
    namespace: NAMESPACE,
    name: NAME,
    signal: new AbortController().signal,
  };
  return {
    ...{ clock, server },
    marks: (id: string) =>
      new Marks({
        ...{ path, id, slots: 4, now: () => clock.date().getTime() },
        onUnwritable: (error) => assert.fail(String(error)),
      }),
    report: (marks: Marks) => reportDeaths({ ...lease, marks }),
    elect: (identity: string, carry?: (found: Annotations) => Annotations) => {
      const outcome: { leadership?: Leadership | undefined } = {};
      const options = { ...lease, identity, ...(carry !== undefined && { carry }) };
      void electLeader(options).then((leadership) => (outcome.leadership = leadership));
      return outcome;
    },
  };
}

const reports = ({ lease }: PretendLeaseServer) =>
  deathsIn(lease?.metadata.annotations?.[DEATHS_ANNOTATION]).map(({ id }) => id);

describe('reportDeaths()', () => {
  it('gives the lease of the dead process up at once and tells the next leader what it died of', async () => {
    const { clock, server, marks, report, elect } = cluster();
    const first = elect('first');
    await clock.pass(15_000);
    const before = marks('first');
    before.leads(first.leadership?.holder);
    before.begin('shop/poison');
    const standby = elect('standby');
    await clock.pass(1000);
    // The first one hangs and is killed: none of its renewals comes any more.
    server.write(server.lease?.spec);
    const now = marks('first-again');
    await report(now);
    await settled();
    await clock.pass(0);
    assert.equal(standby.leadership?.isHeld(), true);
    assert.deepEqual(
      deathsIn(standby.leadership.found[DEATHS_ANNOTATION]).map(({ keys }) => keys),
      [[{ key: 'shop/poison', survived: 0 }]],
    );
    assert.deepEqual(now.pending, []);
  });

  it('leaves a lease to whoever else holds it by then, who hears of the death with the next renewal', async () => {
    const { clock, server, marks, report, elect } = cluster();
    const heard: Annotations[] = [];
    const carry = (found: Annotations): Annotations => {
      heard.push(found);
      const { [DEATHS_ANNOTATION]: _, ...others } = found;
      return { ...others, kept: 'by the leader' };
    };
    const leader = elect('leader', carry);
    await clock.pass(15_000);
    const before = marks('first');
    before.leads('first/1');
    before.begin('shop/poison');
    await report(marks('first-again'));
    assert.deepEqual(reports(server), ['first']);
    await clock.pass(4000);
    assert.equal(leader.leadership?.isHeld(), true);
    assert.deepEqual(
      heard.flatMap((found) => deathsIn(found[DEATHS_ANNOTATION])).map(({ id }) => id),
      ['first'],
    );
    assert.deepEqual(server.lease?.metadata.annotations, { kept: 'by the leader' });
  });

  it('keeps what it could not report where there is no Lease', async () => {
    const { marks, report } = cluster();
    marks('first').begin('shop/poison');
    const now = marks('first-again');
    await report(now);
    assert.deepEqual(
      now.pending.map(({ id }) => id),
      ['first'],
    );
  });
});

describe('what a Lease carries', () => {
  it('is written at once where the leader asks for it, and is not lost with a Lease that is deleted', async () => {
    const { clock, server, elect } = cluster();
    let text = 'one';
    const { leadership } = await (async () => {
      const outcome = elect('leader', (found) => ({ ...found, carried: text }));
      await clock.pass(15_000);
      return outcome;
    })();
    text = 'two';
    assert.equal(await leadership?.renewNow(), true);
    assert.equal(server.lease?.metadata.annotations?.['carried'], 'two');
    const standby = elect('standby');
    await settled();
    server.delete();
    await clock.pass(100);
    assert.equal(server.lease?.metadata.annotations?.['carried'], 'two');
    await clock.pass(3000);
    assert.equal(leadership?.isHeld(), true);
    assert.equal(standby.leadership, undefined);
    await leadership?.release();
    assert.equal(await leadership?.renewNow(), false);
  });
});
