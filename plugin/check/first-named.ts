/** More say no more. */
const NAMED = 3;

/** The first few of them, and how many there are beside: `a, b, c and 2 more`. */
export function firstNamed(names: readonly string[]): string {
  const others = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${names.slice(0, NAMED).join(', ')}${others}`;
}
