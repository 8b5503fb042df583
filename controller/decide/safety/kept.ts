import fc from 'fast-check';
import type { Decide } from '../pretend-release.ts';
import { play } from './play.ts';
import { schedule } from './schedule.ts';

/**
 * Plays schedules with what decides.
 *
 * @throws what is wrong with one that breaks a rule, made as small as can be, and the seed and path to it
 */
export function assertKept(decider: Decide, options: fc.Parameters<unknown>): void {
  const property = fc.property(schedule, (of) => {
    play(of, decider);
  });
  fc.assert(property, { includeErrorInReport: true, ...options });
}
