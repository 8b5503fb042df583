import sliceAnsi from 'slice-ansi';
import { textWidth } from '../output/text-width.ts';
import { glyph, type Look } from './look.ts';
import type { StatusScreen } from './status-lines.ts';

/**
 * As much of a status as there is room for. What it waits for stays; where the rest is too long, its end is left out and the
 * last line says so.
 *
 * @returns at most `rows` lines of at most `look.columns` columns
 */
export function clipped({ body, foot }: StatusScreen, rows: number, look: Look): readonly string[] {
  const room = rows - foot.length;
  const all = [...body, ...foot];
  const shown =
    all.length <= rows ? all : [...shortened(body, Math.max(0, room), look), ...foot].slice(-Math.max(1, rows));
  return shown.map((line) => clippedLine(line, look));
}

function shortened(lines: readonly string[], room: number, look: Look): readonly string[] {
  if (room === 0) return [];
  const more = lines.length - (room - 1);
  return [...lines.slice(0, room - 1), `${glyph(look, 'more')} ${more} more lines: the screen is too short`];
}

/** Cut with a sign that it was; colours end with it. */
function clippedLine(line: string, look: Look): string {
  if (textWidth(line) <= look.columns) return line;
  const sign = glyph(look, 'more');
  const room = look.columns - textWidth(sign);
  const cut = sliceAnsi(line, 0, room);
  // A wide letter that begins in the last column is in it, whole.
  return (textWidth(cut) > room ? sliceAnsi(line, 0, room - 1) : cut) + sign;
}
