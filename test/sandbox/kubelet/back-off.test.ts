import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BackOff, CRASH_LOOP, formatDelay, nextBackOff } from './back-off.ts';

test('nextBackOff() doubles from 10 s to 300 s', () => {
  let state: BackOff | undefined;
  let now = 0;
  const delays: number[] = [];
  for (let failure = 0; failure < 7; failure++) {
    state = nextBackOff(state, now, CRASH_LOOP);
    delays.push(state.delayMs / 1000);
    now += state.delayMs;
  }
  assert.deepEqual(delays, [10, 20, 40, 80, 160, 300, 300]);
});

test('nextBackOff() starts again after ten quiet minutes', () => {
  const state = nextBackOff({ delayMs: 300_000, lastFailure: 0 }, 600_001, CRASH_LOOP);
  assert.equal(state.delayMs, 10_000);
});

test('formatDelay() prints as Go does', () => {
  assert.deepEqual([10_000, 80_000, 300_000].map(formatDelay), ['10s', '1m20s', '5m0s']);
});
