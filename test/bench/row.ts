/** One line of a table. */
export interface Row {
  readonly what: string;
  readonly value: string;
  /** What something that people would use in its place takes. */
  readonly reference?: string;
  readonly aim?: string;
}

/** Takes down one line of the table of a benchmark. */
export type TakeRow = (what: string, value: string, beside?: Pick<Row, 'reference' | 'aim'>) => void;

/** As a benchmark shows it while it runs. */
export function rowText({ what, value, reference, aim }: Row): string {
  const beside = [reference === undefined ? [] : [`reference ${reference}`], aim === undefined ? [] : [`aim ${aim}`]];
  return [`${what.padEnd(72)}${value.padStart(12)}`, ...beside.flat()].join('  ');
}
