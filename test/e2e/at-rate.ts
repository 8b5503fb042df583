import { setTimeout as sleep } from 'node:timers/promises';

/** More would not be a rate but a pile, which a machine that is slow for seconds does not get out of again. */
const MOST_UNDER_WAY = 500;

/**
 * Does the work so many times a second, whether what came before is done or not, until the signal aborts, and then waits for
 * all of it; how often that was, which is less where the machine cannot.
 *
 * @param work is told the how manyth it is, from 0, and does not reject
 */
export async function atRate(
  perSecond: number,
  signal: AbortSignal,
  work: (index: number) => Promise<void>,
): Promise<number> {
  const underWay = new Set<Promise<void>>();
  const started = performance.now();
  let begun = 0;
  while (!signal.aborted) {
    // What could not begin in time begins now, so that a slow second does not lower the rate.
    for (
      const due = ((performance.now() - started) / 1000) * perSecond;
      begun < due && underWay.size < MOST_UNDER_WAY;
    ) {
      const one = work(begun++).finally(() => underWay.delete(one));
      underWay.add(one);
    }
    await sleep(5);
  }
  await Promise.all(underWay);
  return begun;
}
