import { glyph, type Look } from './look.ts';

const BARS = { unicode: '▁▂▃▄▅▆▇█', ascii: '_.-=*#' };

/**
 * Values as bars, from the least of them to the greatest; all in the middle where they are the same.
 *
 *     sparkline([1, 2, undefined, 8], look) === '▁▂?█'
 *
 * @param values undefined where there was none
 */
export function sparkline(values: readonly (number | undefined)[], look: Pick<Look, 'hasUnicode'>): string {
  const bars = (look.hasUnicode ? BARS.unicode : BARS.ascii).split('');
  const known = values.filter((value) => value !== undefined && Number.isFinite(value)) as readonly number[];
  const least = Math.min(...known);
  const greatest = Math.max(...known);
  const barOf = (value: number) => {
    const share = greatest === least ? 0.5 : shareOf(value, least, greatest);
    return bars[Math.min(bars.length - 1, Math.floor(share * bars.length))] ?? '';
  };
  return values
    .map((value) => (value === undefined || !Number.isFinite(value) ? glyph(look, 'unknown') : barOf(value)))
    .join('');
}

/** From 0 to 1; halved where the way between them is more than a number can be. */
function shareOf(value: number, least: number, greatest: number): number {
  const range = greatest - least;
  return Number.isFinite(range) ? (value - least) / range : (value / 2 - least / 2) / (greatest / 2 - least / 2);
}
