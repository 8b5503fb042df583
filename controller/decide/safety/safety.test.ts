// The five rules that no release may break, whatever happens at whatever moment: docs in the design, section 2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../decide.ts';
import { assertKept } from './kept.ts';
import { play } from './play.ts';
import { RARE_SCHEDULES } from './rare-schedules.ts';
import { WRONG_DECIDERS } from './wrong-deciders.ts';

describe('decide(), whatever happens', () => {
  it('keeps the five rules, and comes to rest', () => {
    // The same schedules each time, so that nobody's change is held up by what it has not broken: many-schedules.test.ts.
    assertKept(decide, { numRuns: 800, seed: 1 });
  });

  for (const { title, schedule, wrong, rule } of RARE_SCHEDULES) {
    it(title, () => {
      play(schedule, decide);
      assert.throws(() => play(schedule, wrong), rule);
    });
  }
});

describe('a decide() that', () => {
  for (const [title, rule, decider, seed = 3] of WRONG_DECIDERS) {
    it(`${title} is caught`, () => {
      assert.throws(() => assertKept(decider, { numRuns: 12_000, endOnFailure: true, seed }), rule);
    });
  }
});
