import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acquired, heldByUnknown, isMadeAnew, leaseTimes, released, renewed } from './lease.ts';

const now = new Date('2026-03-04T05:06:07.089Z');
const times = leaseTimes();
const held = acquired(3, { identity: 'a', times, now });

describe('leaseTimes', () => {
  it('are 15, 10 and 3 s unless given', () => {
    assert.deepEqual(leaseTimes(), { leaseMs: 15_000, renewDeadlineMs: 10_000, renewEveryMs: 3000 });
    assert.equal(leaseTimes({ leaseMs: 20_000 }).leaseMs, 20_000);
  });

  const wrong = [
    { leaseMs: 10_000 },
    { leaseMs: 5000 },
    { renewDeadlineMs: 15_000 },
    { renewEveryMs: 10_000 },
    { renewEveryMs: 0 },
    { renewEveryMs: -1 },
    { leaseMs: Number.NaN },
    { renewDeadlineMs: Number.NaN },
    { renewEveryMs: Number.NaN },
  ];
  for (const given of wrong) {
    const text = Object.entries(given).join(' ').replace(',', ' of ');
    it(`refuse ${text}, with which two could lead`, () => assert.throws(() => leaseTimes(given), RangeError));
  }
});

describe('a Lease', () => {
  it('says who holds it, from when on and for how long, in microseconds and whole seconds', () => {
    assert.deepEqual(acquired(4, { identity: 'a', times: leaseTimes({ leaseMs: 12_345 }), now }), {
      holderIdentity: 'a',
      leaseDurationSeconds: 13,
      acquireTime: '2026-03-04T05:06:07.089000Z',
      renewTime: '2026-03-04T05:06:07.089000Z',
      leaseTransitions: 4,
    });
  });

  it('is another after a renewal, even at the same time of day', () => {
    assert.equal(renewed(held, new Date(now.getTime() + 3000)).renewTime, '2026-03-04T05:06:10.089000Z');
    assert.notDeepEqual(renewed(held, now), held);
  });

  it('keeps its term when it is given up, and loses its holder', () => {
    const { holderIdentity, leaseTransitions } = released(held, now);
    assert.deepEqual({ holderIdentity, leaseTransitions }, { holderIdentity: '', leaseTransitions: 3 });
  });

  it('shows that it was made where one may have been deleted', () => {
    assert.deepEqual([heldByUnknown(3, times, now), {}, undefined, held, released(held, now)].map(isMadeAnew), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
