// The five rules over 100,000 schedules, on all cores: minutes of work, and so a leg of its own. Environment: SCHEDULES,
// how many in place of 100,000; SEED, the first of their seeds, for other schedules than those of each time.
import { availableParallelism } from 'node:os';
import { after, describe, it } from 'node:test';
import { SchedulePlayer } from './schedule-player.ts';

const SCHEDULES = wholeNumber('SCHEDULES', 100_000);
const FIRST_SEED = wholeNumber('SEED', 1);
/** Schedules of one seed, which one player plays. */
const OF_A_SEED = 500;
/** Schedules of one test: the runner shows how far it is. */
const OF_A_TEST = 10_000;

describe(`decide(), in ${SCHEDULES} schedules`, () => {
  const players = Array.from({ length: availableParallelism() }, () => new SchedulePlayer());
  after(() => Promise.all(players.map((player) => player.close())));

  for (let from = 0; from < SCHEDULES; from += OF_A_TEST) {
    const to = Math.min(SCHEDULES, from + OF_A_TEST);
    it(`keeps the five rules, and comes to rest, from ${from + 1} to ${to}`, async () => {
      let next = from;
      const playOn = async (player: SchedulePlayer) => {
        while (next < to) {
          const [seed, numRuns] = [FIRST_SEED + Math.floor(next / OF_A_SEED), Math.min(OF_A_SEED, to - next)];
          next += numRuns;
          await player.play({ seed, numRuns });
        }
      };
      await Promise.all(players.map(playOn));
    });
  }
});

function wholeNumber(name: string, otherwise: number): number {
  const text = process.env[name]?.trim() || String(otherwise);
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} is a whole number from 1 on, not ${text}`);
  return value;
}
