import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '../log.ts';
import { SteppingClock, settled } from '../stepping-clock.ts';
import { electLeader } from './leader-election.ts';
import type { Leadership } from './leadership.ts';
import { acquired, heldByUnknown, type LeaseSpec, leaseTimes, released, renewed } from './lease.ts';
import { type Fate, NAME, NAMESPACE, PretendLeaseServer } from './pretend-lease-server.ts';

const times = leaseTimes();
const NOW = new Date('2026-01-01T00:00:00Z');
const held = acquired(5, { identity: 'other', times, now: NOW });

/** Its steady clock can leap, as that of a virtual machine that is moved. */
class LeapingClock extends SteppingClock {
  leaptMs = 0;

  override now(): number {
    return super.now() + this.leaptMs;
  }
}

interface Setting {
  /** `null` for none at all. */
  readonly lease?: LeaseSpec | null;
  readonly fate?: (method: string) => Fate | undefined;
}

/** One candidate, from time 0 on, whose messages take no time but where the fate is another. */
async function standing({ lease = released(held, NOW), fate }: Setting = {}) {
  const clock = new LeapingClock(NOW);
  const server = new PretendLeaseServer();
  if (lease !== null) server.write(lease);
  const calls: string[] = [];
  const transport = server.transport({
    fate({ method = 'GET' }) {
      if (method !== 'GET') calls.push(`${clock.now()} ${method}`);
      return fate?.(method) ?? { thereMs: 0, backMs: 0 };
    },
    after(ms, action) {
      if (ms > 0) return clock.after(ms, action);
      action();
      return () => undefined;
    },
    deliver: (action) => action(),
  });
  const stop = new AbortController();
  const outcome: { leadership?: Leadership | undefined; at?: number } = {};
  const { signal } = stop;
  const log = silentLog;
  const options = { transport, clock, log, namespace: NAMESPACE, name: NAME, identity: 'us', signal };
  const elected = electLeader(options).then((leadership) => {
    outcome.leadership = leadership;
    outcome.at = clock.now();
  });
  await settled();
  return { clock, server, calls, stop, outcome, elected, pass: (ms: number) => clock.pass(ms) };
}

describe('a candidate', () => {
  it('takes a Lease at once that was given up', async () => {
    const { server, outcome } = await standing({ lease: released(held, NOW) });
    assert.equal(outcome.at, 0);
    assert.equal(outcome.leadership?.term, 6);
    assert.equal(outcome.leadership.holder, 'us/6');
    assert.equal(server.lease?.spec?.holderIdentity, 'us');
  });

  it('waits for a whole lease where nobody ever held it: it may be in the place of one that is held', async () => {
    for (const lease of [{}, { holderIdentity: '' }, { leaseTransitions: 0, leaseDurationSeconds: 1 }]) {
      const { outcome, pass } = await standing({ lease });
      await pass(60_000);
      assert.equal(outcome.at, 15_000);
      assert.equal(outcome.leadership?.term, 1);
    }
  });

  for (const [when, renewTime] of [
    ['years ago', '2001-01-01T00:00:00.000000Z'],
    ['years from now', '2051-01-01T00:00:00.000000Z'],
    ['at no time', undefined],
  ] as const) {
    it(`waits for a whole lease, also where the Lease says that it was renewed ${when}`, async () => {
      const { renewTime: _, ...rest } = held;
      const { outcome, pass } = await standing({ lease: { ...rest, ...(renewTime ? { renewTime } : {}) } });
      await pass(14_999);
      assert.deepEqual(outcome, {});
      await pass(1);
      assert.equal(outcome.at, 15_000);
      assert.equal(outcome.leadership?.term, 6);
    });
  }

  it('waits for a whole lease from when it saw the last renewal', async () => {
    const { server, outcome, pass } = await standing({ lease: held });
    for (let renewals = 0; renewals < 10; renewals++) {
      await pass(3000);
      server.write(renewed(server.lease?.spec ?? {}, NOW));
    }
    await pass(14_999);
    assert.deepEqual(outcome, {});
    await pass(1);
    assert.equal(outcome.at, 45_000);
  });

  it('takes a Lease at once that is given up before its eyes', async () => {
    const { server, outcome, pass } = await standing({ lease: held });
    await pass(4321);
    server.write(released(held, NOW));
    await pass(0);
    assert.equal(outcome.at, 4321);
    assert.equal(outcome.leadership?.term, 6);
  });

  for (const [seconds, waitMs] of [
    [1, 15_000],
    [40, 40_000],
    [1_000_000_000, 60_000],
    [0, 15_000],
    [-5, 15_000],
    [undefined, 15_000],
  ] as const) {
    it(`waits ${waitMs / 1000} s for a holder that was promised ${seconds}`, async () => {
      const { leaseDurationSeconds: _, ...rest } = held;
      const lease = { ...rest, ...(seconds === undefined ? {} : { leaseDurationSeconds: seconds }) };
      const { outcome, pass } = await standing({ lease });
      await pass(90_000);
      assert.equal(outcome.at, waitMs);
    });
  }

  it('makes a Lease where there is none, and waits for a whole lease', async () => {
    const { server, outcome, pass } = await standing({ lease: null });
    assert.equal(server.lease?.spec?.holderIdentity, 'unknown');
    await pass(60_000);
    assert.equal(outcome.at, 15_000);
    assert.equal(outcome.leadership?.term, 1);
  });

  it('waits for a whole lease also when the answer to making one was lost', async () => {
    const fates: Fate[] = [{ thereMs: 0, backMs: 0, lost: 'answer' }];
    const fate = (method: string) => (method === 'POST' ? fates.shift() : undefined);
    const { calls, outcome, pass } = await standing({ lease: null, fate });
    await pass(60_000);
    // After what failed comes a pause of a second, which does not count.
    assert.deepEqual(calls.slice(0, 2), ['0 POST', '16000 PUT']);
    assert.equal(outcome.leadership?.term, 1);
  });

  it('lets a Lease that is deleted before its eyes stand for a whole lease, and goes on counting its terms', async () => {
    const { server, outcome, pass } = await standing({ lease: held });
    await pass(14_000);
    server.delete();
    await pass(0);
    assert.equal(server.lease?.spec?.holderIdentity, 'unknown');
    await pass(60_000);
    assert.equal(outcome.at, 29_000);
    assert.equal(outcome.leadership?.term, 6);
  });

  it('does not take an empty Lease at once that has replaced one that was held', async () => {
    const { server, outcome, pass } = await standing({ lease: held });
    await pass(4000);
    server.delete();
    server.write({});
    await pass(60_000);
    assert.equal(outcome.at, 19_000);
    assert.equal(outcome.leadership?.term, 6);
  });

  it('is refused where it has missed a renewal, and waits for a whole lease from then on', async () => {
    // The watch is a minute behind.
    const fate = (method: string) => (method === 'GET' && slow ? { thereMs: 0, backMs: 60_000 } : undefined);
    let slow = false;
    const { server, calls, outcome, pass } = await standing({ lease: held, fate });
    slow = true;
    await pass(14_000);
    const theirs = server.write(renewed(held, new Date(NOW.getTime() + 14_000)));
    await pass(500);
    slow = false;
    await pass(500);
    assert.deepEqual(calls, ['15000 PUT']);
    assert.equal(server.lease, theirs);
    await pass(14_000);
    assert.deepEqual(outcome, {});
    await pass(2000);
    assert.ok(outcome.leadership?.isHeld());
  });

  it('waits for the one who was faster', async () => {
    const fate = (method: string) => (method === 'PUT' ? { thereMs: 5, backMs: 0 } : undefined);
    const { server, outcome, pass } = await standing({ fate });
    server.write(held);
    await pass(15_000);
    assert.deepEqual(outcome, {});
    await pass(3000);
    assert.equal(outcome.leadership?.term, 6);
  });

  it('takes the lease again, for another term, when the answer to its taking was lost', async () => {
    const fates: Fate[] = [{ thereMs: 0, backMs: 0, lost: 'answer' }];
    const fate = (method: string) => (method === 'PUT' ? fates.shift() : undefined);
    const { calls, outcome, pass } = await standing({ fate });
    await pass(60_000);
    assert.deepEqual(calls.slice(0, 2), ['0 PUT', '1000 PUT']);
    assert.equal(outcome.leadership?.term, 7);
  });

  it('does not lead by an answer that came too late', async () => {
    const { clock, outcome, pass } = await standing({
      fate: (method) => ({ thereMs: 0, backMs: method === 'PUT' ? 10 : 0 }),
    });
    // It was stopped, and had no time to notice that its deadline has passed.
    clock.leaptMs = 10_000;
    await pass(10);
    assert.deepEqual(outcome, {});
    await pass(5000);
    assert.equal(outcome.leadership?.term, 7);
  });

  it('takes no leap of its clock for time that the holder had', async () => {
    const { clock, server, outcome, pass } = await standing({ lease: held });
    for (let leaps = 0; leaps < 3; leaps++) {
      await pass(3000);
      server.write(renewed(server.lease?.spec ?? {}, clock.date()));
      await pass(500);
      clock.leaptMs += 3_600_000;
    }
    await pass(11_999);
    assert.deepEqual(outcome, {});
    await pass(3001);
    assert.ok(outcome.leadership?.isHeld());
  });

  it('tries until the API server answers', async () => {
    let isDown = true;
    const fate = () => (isDown ? ({ thereMs: 0, backMs: 0, lost: 'request' } as const) : undefined);
    const { outcome, pass } = await standing({ fate });
    await pass(60_000);
    assert.deepEqual(outcome, {});
    isDown = false;
    await pass(31_000);
    assert.ok(outcome.leadership?.isHeld());
  });

  it('has times and an identity with which only one can lead', async () => {
    const transport = new PretendLeaseServer().transport({
      fate: () => ({ thereMs: 0, backMs: 0 }),
      after: () => () => undefined,
      deliver: () => undefined,
    });
    const options = { transport, clock: new SteppingClock(), log: silentLog, namespace: NAMESPACE, name: NAME };
    const { signal } = new AbortController();
    await assert.rejects(electLeader({ ...options, signal, identity: '' }), RangeError);
    await assert.rejects(electLeader({ ...options, signal, identity: 'a', times: { leaseMs: 5000 } }), RangeError);
  });
});

describe('the end of a candidacy', () => {
  it('comes at once when its signal aborts, and leaves no timer and the Lease alone', async () => {
    const { clock, server, stop, elected, outcome, pass } = await standing({ lease: held });
    const before = server.lease;
    await pass(5000);
    stop.abort();
    await elected;
    assert.deepEqual(outcome, { leadership: undefined, at: 5000 });
    await pass(60_000);
    assert.equal(server.lease, before);
    assert.equal(clock.pending, 0);
  });

  it('gives up what was won meanwhile', async () => {
    const fate = (method: string) => (method === 'PUT' ? { thereMs: 10, backMs: 10 } : undefined);
    const { clock, server, stop, elected, outcome, pass } = await standing({ fate });
    stop.abort();
    await pass(1000);
    await elected;
    assert.equal(outcome.leadership, undefined);
    assert.equal(server.lease?.spec?.holderIdentity, '');
    assert.equal(clock.pending, 0);
  });

  it('leaves a Lease that it has made to run out: whoever held the one before may not have noticed', async () => {
    const { server, stop, pass } = await standing({ lease: null });
    await pass(5000);
    stop.abort();
    await pass(1000);
    assert.deepEqual(server.lease?.spec, heldByUnknown(0, times, NOW));
  });

  it('is not that of a leadership', async () => {
    const { stop, outcome, pass } = await standing();
    stop.abort();
    await pass(60_000);
    assert.equal(outcome.leadership?.isHeld(), true);
  });
});
