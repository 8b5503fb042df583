import assert from 'node:assert/strict';
import { getOk } from './http.ts';

/** How many of `requests` answers came from each version of podinfo. */
export async function countVersions(url: string, host: string, requests: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let sent = 0; sent < requests; sent++) {
    const { version } = JSON.parse(await getOk(url, { host })) as { version: string };
    counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  return counts;
}

/**
 * Asserts that `count` of `requests` is what a share would give by chance: within five standard deviations of a binomial
 * distribution, which a right gateway misses once in a million runs. 20 % of 200: 40, plus or minus 28.
 */
export function assertShare(count: number, requests: number, share: number): void {
  const expected = requests * share;
  const tolerance = 5 * Math.sqrt(requests * share * (1 - share));
  assert.ok(
    Math.abs(count - expected) <= tolerance,
    `${count} of ${requests} requests, expected ${expected} within ${tolerance.toFixed(1)}`,
  );
}
