/** The weights of a route that has both backends and nothing else. */
export interface Split {
  readonly primary: number;
  readonly canary: number;
}

interface Weighted {
  readonly name: string;
  readonly weight: number;
}

/** The weights of primary and canary; `undefined` where a backend is missing, or another one has a share. */
export function splitBetween(
  { primaryService, canaryService }: { readonly primaryService: string; readonly canaryService: string },
  backends: readonly Weighted[],
): Split | undefined {
  const primary = backends.find(({ name }) => name === primaryService);
  const canary = backends.find(({ name }) => name === canaryService);
  if (primary === undefined || canary === undefined || backends.length !== 2) return undefined;
  return { primary: primary.weight, canary: canary.weight };
}

/**
 * The whole percent that the canary gets, of the splits of a route's rules in their order; `undefined` where there is no split,
 * nobody gets anything, or the splits differ.
 *
 * Rules for single clients come first: those that fit the match of an A/B release, before all others, who get the primary; or
 * those that have a side's cookie, before all others, who are split.
 *
 * A weight that somebody set by hand is rounded, but never to 0 or 100: who gets something must not look as if it got
 * nothing.
 *
 *     canaryShare([{ primary: 999, canary: 1 }]) === 1
 *     canaryShare([{ primary: 0, canary: 100 }, { primary: 80, canary: 20 }]) === 20
 */
export function canaryShare(splits: readonly (Split | undefined)[]): number | undefined {
  const shares = splits.map((split) => (split === undefined ? undefined : percent(split)));
  const some = new Set(shares.filter((share) => share !== 0 && share !== 100));
  if (some.size > 1 || some.has(undefined)) return undefined;
  const last = shares.at(-1);
  return last === 0 ? shares[0] : last;
}

function percent({ primary, canary }: Split): number | undefined {
  const sum = primary + canary;
  if (sum <= 0) return undefined;
  if (canary <= 0) return 0;
  if (primary <= 0) return 100;
  return Math.min(99, Math.max(1, Math.round((100 * canary) / sum)));
}
