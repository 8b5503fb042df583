import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isReworded, rewordingPause } from './reworded.ts';

describe('what is waited for', () => {
  it('is all that differs, or there is more to tell', () => {
    const before = { phase: 'Progressing', desiredWeight: 20, waitingFor: { reason: 'CanaryReady' } } as const;
    assert.equal(isReworded(before, { ...before, waitingFor: { reason: 'RouteAccepted' }, actualWeight: 20 }), true);
    assert.equal(isReworded(before, { ...before, desiredWeight: 40 }), false);
  });

  it('is told after two seconds, and later where writes take long', () => {
    assert.deepEqual([0, 8, 40, 100, 5000].map(rewordingPause), [2000, 2000, 4000, 10_000, 15_000]);
  });
});
