/** How many letters may be wrong in a word of this length for it still to be taken for a slip. */
const slips = (length: number) => Math.max(1, Math.floor(length / 3));

/** A word of this length that is a part of a candidate was meant for it: teams for msteams, secret for secretRef. */
const PART = 4;

/** The candidate that was most likely meant by a misspelt word, or undefined where none is near. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let least = slips(word.length) + 1;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const steps = word.length >= PART && other.includes(lower) ? 1 : distance(lower, other, least);
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best;
}

/** Letters to add, drop, replace or swap with their neighbour to make one word of the other; `limit` when not fewer. */
function distance(a: string, b: string, limit: number): number {
  // A word is compared with field names, which are short: a long one is near none of them.
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let [before, previous]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (previous[column] ?? limit) + 1,
        (current[column - 1] ?? limit) + 1,
        (previous[column - 1] ?? limit) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? limit) + 1 : limit,
      );
    }
    [before, previous] = [previous, current];
  }
  return Math.min(limit, previous[b.length] ?? limit);
}
