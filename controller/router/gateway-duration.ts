import { durationMs } from '../../api/duration.ts';

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;
/** Five digits are all that a term can have. */
const MOST_HOURS = 99_999;

/**
 * A duration as Gateway API writes it (GEP-2257): whole hours, minutes, seconds and milliseconds. No limit is `0s` there,
 * so what is more than nothing is a millisecond at least.
 *
 *     gatewayDuration('1.5s') === '1s500ms'
 *     gatewayDuration('infinity') === '0s'
 */
export function gatewayDuration(text: string): string {
  let ms = Math.ceil(durationMs(text) ?? 0);
  // Longer than can be written, which is eleven years: as good as no limit.
  if (ms <= 0 || ms >= (MOST_HOURS + 1) * 3_600_000) return '0s';
  let written = '';
  for (const [unit, size] of UNITS) {
    const count = Math.floor(ms / size);
    if (count > 0) written += `${count}${unit}`;
    ms -= count * size;
  }
  return written;
}
