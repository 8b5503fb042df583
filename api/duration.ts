// Go's durations, as they stand in manifests: 30s, 1m30s, 1.5h, 250ms. https://pkg.go.dev/time#ParseDuration
import { withoutTrailing } from './without-trailing.ts';

/** Nanoseconds of each unit; the micro sign is there in both of its encodings. */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const TERM = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;
/** Go counts in an int64 of nanoseconds, which is 292 years each way. */
const MAX_NS = 2n ** 63n - 1n;
/** More digits than any duration has, and few enough to compute with. */
const MAX_LENGTH = 64;

/**
 * The milliseconds of a duration in Go's syntax, or undefined for a text that is none or is out of Go's range. Finer than
 * a millisecond is kept as a fraction.
 *
 *     durationMs('1m30s') === 90_000
 *     durationMs('1min') === undefined
 */
export function durationMs(text: string): number | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const negative = text.startsWith('-');
  const unsigned = negative || text.startsWith('+') ? text.slice(1) : text;
  // The one duration that needs no unit.
  if (unsigned === '0') return 0;
  const ns = nanoseconds(unsigned);
  if (ns === undefined || ns > (negative ? MAX_NS + 1n : MAX_NS)) return undefined;
  // One division is rounded once. What is too long for it has no nanoseconds left that a double could hold.
  const ms = ns <= Number.MAX_SAFE_INTEGER ? Number(ns) / 1e6 : Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / 1e6;
  return negative && ms !== 0 ? -ms : ms;
}

/**
 * The duration as Go prints it: hours, minutes and seconds, or the one smaller unit that fits. Rounded to nanoseconds.
 *
 *     formatDuration(90_000) === '1m30s'
 *     formatDuration(3_600_000) === '1h0m0s'
 *     formatDuration(1.5) === '1.5ms'
 *
 * @throws RangeError for what is not finite or out of Go's range.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) throw new RangeError(`${ms} is no duration in milliseconds`);
  const size = Math.abs(ms);
  // Whole milliseconds on their own: a product with 1e6 would be past what a double holds exactly.
  const ns = BigInt(Math.trunc(size)) * 1_000_000n + BigInt(Math.round((size % 1) * 1e6));
  if (ns > MAX_NS) throw new RangeError(`${ms} milliseconds are more than a duration can have`);
  const sign = ms < 0 && ns > 0n ? '-' : '';
  if (ns === 0n) return '0s';
  if (ns < 1_000n) return `${sign}${ns}ns`;
  if (ns < 1_000_000n) return `${sign}${fraction(ns, 1_000n)}µs`;
  if (ns < 1_000_000_000n) return `${sign}${fraction(ns, 1_000_000n)}ms`;
  const minutes = ns / 60_000_000_000n;
  const seconds = `${fraction(ns % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** The sum of the terms, of which there has to be one at least and nothing between them. */
function nanoseconds(text: string): bigint | undefined {
  if (text === '') return undefined;
  let sum = 0n;
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const [, whole = '', decimals = '', unit = ''] = TERM.exec(text) ?? [];
    const size = UNITS[unit];
    if (size === undefined || whole + decimals === '') return undefined;
    sum += BigInt(`0${whole}`) * size + (BigInt(`0${decimals}`) * size) / 10n ** BigInt(decimals.length);
  }
  return sum;
}

/** 1500n of 1000n: 1.5 */
function fraction(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const decimals = withoutTrailing(String(value % unit).padStart(digits, '0'), '0');
  return decimals === '' ? String(value / unit) : `${value / unit}.${decimals}`;
}
