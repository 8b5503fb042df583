import { textWidth } from './text-width.ts';
import { visibleInLine } from './visible.ts';

/** Between two columns, as kubectl has it. */
const GAP = '   ';

/** A column of a table: its title and what stands in it. */
export interface Column<T> {
  /** In capitals, without a blank. */
  readonly title: string;
  /** Only with `-o wide`. */
  readonly isWide?: boolean;
  /** Without a blank where it can be helped; empty becomes `<none>`. */
  readonly cell: (row: T) => string;
}

export interface Table<T> {
  /** Rows as lines. Titles come before the first; later rows stand under the first ones, as far as they are no wider. */
  lines(rows: readonly T[]): readonly string[];
}

/** A table that may grow, as with `--watch`. The last column is not filled up. */
export function createTable<T>(
  columns: readonly Column<T>[],
  { isWide = false, hasHeaders = true }: { readonly isWide?: boolean; readonly hasHeaders?: boolean } = {},
): Table<T> {
  const shown = columns.filter((column) => isWide || column.isWide !== true);
  let widths = shown.map(() => 0);
  let titles = hasHeaders ? [shown.map(({ title }) => title)] : [];
  return {
    lines(rows) {
      const cells = [...titles, ...rows.map((row) => shown.map(({ cell }) => visibleInLine(cell(row)) || '<none>'))];
      titles = [];
      widths = widths.map((before, index) => Math.max(before, ...cells.map((line) => textWidth(line[index] ?? ''))));
      return cells.map((line) => line.map((text, index) => filled(text, index, widths)).join(GAP));
    },
  };
}

function filled(text: string, index: number, widths: readonly number[]): string {
  const missing = index === widths.length - 1 ? 0 : (widths[index] ?? 0) - textWidth(text);
  return text + ' '.repeat(missing);
}
