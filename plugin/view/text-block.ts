import { textWidth } from '../output/text-width.ts';

const GAP = 2;
/** A column narrower than this is not wrapped: words alone on their lines read worse than a line that is too long. */
const LEAST = 24;

/** Text in lines no wider than asked for, broken at blanks; a word that is wider has a line of its own. */
export function wrapped(text: string, columns: number): readonly string[] {
  if (columns < LEAST) return [text];
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last) + 1 + textWidth(word) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/**
 * Rows of cells under each other. The last cell of a row is wrapped into what is left of the line, under itself. Colours
 * take no room.
 */
export function textBlock(
  rows: readonly (readonly string[])[],
  { columns, indent = GAP }: { readonly columns: number; readonly indent?: number },
): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, textWidth(cell))));
  }
  return rows.flatMap((row) => {
    const before = row
      .slice(0, -1)
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - textWidth(cell) + GAP));
    const start = ' '.repeat(indent) + before.join('');
    const [first = '', ...rest] = wrapped(row.at(-1) ?? '', columns - textWidth(start));
    return [start + first, ...rest.map((line) => ' '.repeat(textWidth(start)) + line)].map((line) => line.trimEnd());
  });
}
