// Through which states the objects of a release were brought, one after another.
import { isDone, type SeenWrite } from './kill-trial.ts';

/**
 * What was done of importance from when it could be killed, in order: without what only says what is waited for, and without what brings an object to where
 * it was brought last, as a controller may do that does not know whether it is done already.
 */
export function wayOf(writes: readonly SeenWrite[]): readonly string[] {
  const last = new Map<string, string>();
  const way: string[] = [];
  for (const write of writes.filter(isDone)) {
    const { object, state } = write;
    if (last.get(object) === state) continue;
    last.set(object, state);
    if (write.isArmed) way.push(`${object}: ${state}`);
  }
  return way;
}

/** What the route gave the canary, one after another. */
export function weightsOf(way: readonly string[]): readonly number[] {
  return way.flatMap((each) => {
    const weight = /^httpproxies .*-canary (\d+)/.exec(each)?.[1];
    return weight === undefined ? [] : [Number(weight)];
  });
}

/** The points of a run at which something was done of importance. */
export function turningPoints(writes: readonly SeenWrite[]): readonly string[] {
  const last = new Map<string, string>();
  return writes.filter(isDone).flatMap(({ object, state, point, isArmed }) => {
    const isSame = last.get(object) === state;
    last.set(object, state);
    return isSame || !isArmed ? [] : [point];
  });
}
