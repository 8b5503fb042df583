import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { replicaShare, shareOf } from './replica-share.ts';

const written = (weight: number, primary: number, canary: number) => {
  const ready = { primary, canary };
  const share = replicaShare(weight, ready);
  return `${share.all} + ${share.some}: ${shareOf(share, ready)} %`;
};

describe('replicaShare()', () => {
  it('is all of one side and some of the other', () => {
    assert.equal(written(0, 4, 4), 'primary + 0: 0 %');
    assert.equal(written(20, 4, 4), 'primary + 1: 20 %');
    assert.equal(written(50, 4, 4), 'primary + 4: 50 %');
    assert.equal(written(75, 4, 4), 'canary + 1: 80 %');
    assert.equal(written(100, 4, 4), 'canary + 0: 100 %');
    assert.equal(written(10, 1, 1), 'primary + 1: 50 %');
    assert.equal(written(10, 100, 3), 'primary + 3: 3 %');
    assert.equal(written(10, 4, 0), 'primary + 0: 0 %');
  });

  const pods = fc.integer({ min: 1, max: 50 });
  it('comes as near as pods allow, and never gives all or nothing in between', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), pods, pods, (weight, primary, canary) => {
        const ready = { primary, canary };
        const { all, some } = replicaShare(weight, ready);
        const least = Math.min(weight, 100 - weight) / 100;
        const [most, other] = all === 'primary' ? [primary, canary] : [canary, primary];
        const off = (count: number) => Math.abs(count / (most + count) - least);
        assert.ok(some >= 1 && some <= other);
        // One pod more or less would not come much nearer: what is rounded is the number, not the share.
        for (const count of [some - 1, some + 1].filter((each) => each >= 1 && each <= other))
          assert.ok(off(some) <= off(count) + 0.5 / most, `${some} of ${other}, ${count} is nearer`);
        assert.ok(shareOf({ all, some }, ready) > 0 && shareOf({ all, some }, ready) < 100);
      }),
    );
  });

  it('grows with the weight', () => {
    fc.assert(
      fc.property(pods, pods, (primary, canary) => {
        const ready = { primary, canary };
        const side = (from: number, to: number) =>
          Array.from({ length: to - from + 1 }, (_, index) => shareOf(replicaShare(from + index, ready), ready));
        for (const shares of [side(0, 50), side(51, 100)])
          assert.deepEqual(
            shares,
            shares.toSorted((a, b) => a - b),
          );
      }),
    );
  });
});
