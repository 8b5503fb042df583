import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '../log.ts';
import { SteppingClock } from '../stepping-clock.ts';
import { Leadership, type LeadershipLost } from './leadership.ts';
import { acquired, heldByUnknown, leaseTimes } from './lease.ts';
import { type Fate, PretendLeaseServer } from './pretend-lease-server.ts';

const times = leaseTimes();
const PROMPT: Fate = { thereMs: 0, backMs: 0 };
const LOST_REQUEST: Fate = { ...PROMPT, lost: 'request' };
const LOST_ANSWER: Fate = { ...PROMPT, lost: 'answer' };
const SILENCE: Fate = { thereMs: 0, backMs: Number.POSITIVE_INFINITY, lost: 'request' };

/** Its timers come late, all of them, as in a process that was stopped; or early, as timers may. */
class CarelessClock extends SteppingClock {
  lateMs = 0;

  override after(ms: number, action: () => void): () => void {
    return super.after(Math.max(0, ms + this.lateMs), action);
  }
}

/** One who has just taken the lease at time 0 for the term 7; each call meets the next of the fates. */
function leading({ fates = [] as Fate[], usually = PROMPT, sentMsAgo = 0, lateMs = 0 } = {}) {
  const clock = new CarelessClock();
  const server = new PretendLeaseServer();
  const since = { now: clock.now() - sentMsAgo, date: new Date(clock.date().getTime() - sentMsAgo) };
  const lease = server.write(acquired(7, { identity: 'a', times, now: since.date }));
  const calls: string[] = [];
  const transport = server.transport({
    fate({ method = 'GET' }) {
      calls.push(`${clock.now()} ${method}`);
      return fates.shift() ?? world.usually;
    },
    after(ms, action) {
      if (ms > 0) return SteppingClock.prototype.after.call(clock, ms, action);
      action();
      return () => undefined;
    },
    deliver: (action) => action(),
  });
  clock.lateMs = lateMs;
  const leadership = new Leadership({ transport, clock, log: silentLog, lease, times, since });
  const losses: string[] = [];
  leadership.lost.addEventListener('abort', () => {
    const { loss } = leadership.lost.reason as LeadershipLost;
    losses.push(`${clock.now()} ${loss}`);
  });
  const pass = (ms: number): Promise<void> => clock.pass(ms);
  const world = { clock, server, leadership, calls, losses, pass, usually };
  return world;
}

describe('a leadership', () => {
  it('is of the holder and the term that the Lease says', () => {
    const { leadership } = leading();
    assert.equal(leadership.holder, 'a/7');
    assert.equal(leadership.term, 7);
    assert.equal(leadership.isHeld(), true);
  });

  it('is renewed 3 s after the last answer, and says so by the time of day', async () => {
    const { leadership, calls, server, pass } = leading({ fates: [PROMPT, { thereMs: 100, backMs: 400 }] });
    await pass(12_600);
    assert.deepEqual(calls, ['3000 PUT', '6000 PUT', '9500 PUT', '12500 PUT']);
    assert.equal(server.lease?.spec?.renewTime, '2026-01-01T00:00:12.500000Z');
    assert.equal(leadership.isHeld(), true);
  });

  it('ends 10 s after the sending of the last renewal that succeeded, not after its answer', async () => {
    const { losses, pass } = leading({ fates: [{ thereMs: 0, backMs: 2000 }], usually: SILENCE });
    await pass(20_000);
    assert.deepEqual(losses, ['13000 expired']);
  });

  it('ends 10 s after the sending of the request that took the lease, not after its answer', async () => {
    const { losses, pass } = leading({ sentMsAgo: 4000, usually: SILENCE });
    await pass(20_000);
    assert.deepEqual(losses, ['6000 expired']);
  });

  it('tries again a second after a renewal that failed', async () => {
    const { leadership, calls, pass } = leading({ fates: [LOST_REQUEST, LOST_REQUEST] });
    await pass(8500);
    assert.deepEqual(calls, ['3000 PUT', '4000 PUT', '5000 PUT', '8000 PUT']);
    assert.equal(leadership.isHeld(), true);
  });

  it('gives no renewal so long that another would not be in time', async () => {
    const { leadership, calls, losses, pass } = leading({ fates: [SILENCE, PROMPT], usually: SILENCE });
    await pass(16_999);
    assert.deepEqual(calls, ['3000 PUT', '7000 PUT', '10000 PUT', '14000 PUT']);
    assert.equal(leadership.isHeld(), true);
    await pass(1);
    assert.deepEqual(losses, ['17000 expired']);
  });

  it('has ended when its time is over, also where no timer has fired yet', async () => {
    const { clock, leadership, losses } = leading({ lateMs: 60_000 });
    clock.advance(9999);
    assert.equal(leadership.isHeld(), true);
    clock.advance(1);
    assert.deepEqual(losses, []);
    assert.equal(leadership.isHeld(), false);
    assert.deepEqual(losses, ['10000 expired']);
  });

  it('does not end before its time, also where timers fire early', async () => {
    const { losses, pass } = leading({ lateMs: -0.5, usually: SILENCE });
    await pass(9999);
    assert.deepEqual(losses, []);
    await pass(1);
    assert.deepEqual(losses, ['10000 expired']);
  });

  it('sends no renewal once its time is over', async () => {
    const { calls, losses, pass } = leading({ lateMs: 8000 });
    await pass(30_000);
    assert.deepEqual(calls, []);
    assert.deepEqual(losses, ['11000 expired']);
  });

  it('is not saved by a renewal that is answered when its time is over', async () => {
    const { leadership, calls, pass } = leading({ lateMs: 5000, usually: { thereMs: 0, backMs: 3000 } });
    await pass(10_999);
    assert.deepEqual(calls, ['8000 PUT']);
    await pass(1);
    assert.equal(leadership.isHeld(), false);
  });

  it('ends when the time of day jumps forth by as much: the machine may have slept', async () => {
    const { clock, leadership, losses, pass } = leading();
    await pass(4000);
    clock.shiftDate(8999);
    assert.equal(leadership.isHeld(), true);
    clock.shiftDate(1);
    assert.equal(leadership.isHeld(), false);
    clock.shiftDate(-9000);
    assert.equal(leadership.isHeld(), false);
    assert.deepEqual(losses, ['4000 expired']);
  });

  it('does not end when the time of day is set back, nor last longer', async () => {
    const { clock, losses, pass } = leading({ fates: [PROMPT, PROMPT], usually: SILENCE });
    await pass(4000);
    clock.shiftDate(-24 * 3600 * 1000);
    await pass(11_999);
    assert.deepEqual(losses, []);
    await pass(1);
    assert.deepEqual(losses, ['16000 expired']);
  });

  it('is renewed by a write that candidates see, also where the time of day is again what it was', async () => {
    const { clock, server, pass } = leading();
    const before = server.lease?.metadata.resourceVersion;
    clock.shiftDate(-3000);
    await pass(3000);
    assert.notEqual(server.lease?.metadata.resourceVersion, before);
  });

  it('goes on when the answer to a renewal was lost', async () => {
    const { leadership, calls, server, pass } = leading({ fates: [LOST_ANSWER] });
    await pass(13_500);
    assert.deepEqual(calls, ['3000 PUT', '4000 PUT', '4000 GET', '4000 PUT', '7000 PUT', '10000 PUT', '13000 PUT']);
    assert.equal(leadership.isHeld(), true);
    assert.equal(server.lease?.spec?.leaseTransitions, 7);
  });

  it('goes on when someone annotates the Lease', async () => {
    const { leadership, calls, server, pass } = leading();
    server.write(server.lease?.spec);
    await pass(13_500);
    assert.deepEqual(calls.slice(0, 4), ['3000 PUT', '3000 GET', '3000 PUT', '6000 PUT']);
    assert.equal(leadership.isHeld(), true);
  });

  for (const [by, identity, term] of [
    ['another', 'b', 8],
    ['another who has our name', 'a', 8],
    ['nobody, by someone who took the name out', '', 7],
  ] as const) {
    it(`ends when the Lease is held by ${by}, and leaves it alone`, async () => {
      const { clock, losses, calls, server, pass } = leading();
      const theirs = server.write(acquired(term, { identity, times, now: clock.date() }));
      await pass(20_000);
      assert.deepEqual(losses, ['3000 taken']);
      assert.deepEqual(calls, ['3000 PUT', '3000 GET']);
      assert.equal(server.lease, theirs);
    });
  }

  it('makes a Lease that was deleted anew, with its term', async () => {
    const { leadership, server, pass } = leading();
    server.delete();
    await pass(13_500);
    assert.equal(leadership.isHeld(), true);
    const { holderIdentity, leaseTransitions, renewTime } = server.lease?.spec ?? {};
    assert.deepEqual([holderIdentity, leaseTransitions, renewTime], ['a', 7, '2026-01-01T00:00:12.000000Z']);
  });

  it('takes a Lease up again that was deleted and made anew, by a candidate or by a manifest', async () => {
    for (const spec of [heldByUnknown(7, times, new Date()), heldByUnknown(0, times, new Date()), {}, undefined]) {
      const { leadership, server, pass } = leading();
      server.delete();
      server.write(spec);
      await pass(13_500);
      assert.equal(leadership.isHeld(), true);
      const { holderIdentity, leaseTransitions } = server.lease?.spec ?? {};
      assert.deepEqual([holderIdentity, leaseTransitions], ['a', 7]);
    }
  });

  it('goes on when the answer to making the Lease anew was lost', async () => {
    // The first write finds nothing, and a look shows why.
    const { leadership, server, calls, pass } = leading({ fates: [PROMPT, PROMPT, LOST_ANSWER] });
    server.delete();
    await pass(13_500);
    assert.deepEqual(calls.slice(0, 6), ['3000 PUT', '3000 GET', '3000 POST', '4000 PUT', '4000 GET', '4000 PUT']);
    assert.equal(leadership.isHeld(), true);
  });

  it('leaves no timer when it has ended', async () => {
    const { clock, losses, pass } = leading({ usually: LOST_REQUEST });
    await pass(10_000);
    assert.deepEqual(losses, ['10000 expired']);
    assert.equal(clock.pending, 0);
  });
});

describe('release', () => {
  it('ends the leadership at once and leaves the Lease to whoever comes', async () => {
    const { leadership, losses, calls, server, clock, pass } = leading();
    await pass(1000);
    const done = leadership.release();
    assert.equal(leadership.isHeld(), false);
    assert.deepEqual(losses, ['1000 released']);
    await done;
    const { holderIdentity, leaseTransitions } = server.lease?.spec ?? {};
    assert.deepEqual([holderIdentity, leaseTransitions], ['', 7]);
    await pass(20_000);
    assert.deepEqual(calls, ['1000 PUT']);
    assert.equal(clock.pending, 0);
  });

  it('overtakes a renewal that is under way', async () => {
    for (const fate of [
      { thereMs: 100, backMs: 100 },
      { thereMs: 0, backMs: 1000 },
      { thereMs: 1000, backMs: 0 },
      SILENCE,
    ]) {
      const { leadership, losses, server, pass } = leading({ fates: [fate] });
      await pass(3050);
      const done = leadership.release();
      await pass(2000);
      await done;
      assert.deepEqual(losses, ['3050 released']);
      assert.equal(server.lease?.spec?.holderIdentity, '');
    }
  });

  it('leaves the Lease of the next holder alone', async () => {
    const { clock, leadership, server } = leading();
    const theirs = server.write(acquired(8, { identity: 'b', times, now: clock.date() }));
    await leadership.release();
    assert.equal(server.lease, theirs);
  });

  it('leaves a Lease that was made anew alone: who makes it waits', async () => {
    const { clock, leadership, server } = leading();
    server.delete();
    const theirs = server.write(heldByUnknown(7, times, clock.date()));
    await leadership.release();
    assert.equal(server.lease, theirs);
  });

  it('makes no Lease anew', async () => {
    const { leadership, server } = leading();
    server.delete();
    await leadership.release();
    assert.equal(server.lease, undefined);
  });

  it('sends nothing after a loss', async () => {
    const { leadership, losses, calls, clock } = leading({ lateMs: 60_000 });
    clock.advance(10_000);
    await leadership.release();
    assert.deepEqual(calls, []);
    assert.deepEqual(losses, ['10000 expired']);
  });

  it('is one, however often it is asked for', async () => {
    const { leadership, calls } = leading();
    assert.equal(leadership.release(), leadership.release());
    await leadership.release();
    assert.deepEqual(calls, ['0 PUT']);
  });

  it('gives up after 2 s without an answer', async () => {
    const { leadership, pass } = leading({ usually: SILENCE });
    let isDone = false;
    const done = leadership.release().then(() => (isDone = true));
    await pass(1999);
    assert.equal(isDone, false);
    await pass(1);
    await done;
  });
});
