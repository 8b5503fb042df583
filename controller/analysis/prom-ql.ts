import { durationMs } from '../../api/duration.ts';

/** A label's value, or any other text: PromQL reads strings as Go does, whose escapes JSON's are among. */
export function promString(text: string): string {
  return JSON.stringify(text);
}

/** The regular expression (RE2) for this text and no other; PromQL anchors it at both ends. */
export function promRegexOf(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

const PROM_DURATION = /^(?!$)(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;
/** How Graphite writes its intervals. */
const LONG_UNIT = /^(\d+)([sm])(ec|econds?|in|inutes?)$/;

/**
 * A metric's interval as PromQL has it, which knows no fractions, and no order but from hours down. What cannot be read
 * stays as it is, for Prometheus to say what is wrong with it.
 *
 *     promDuration('1.5h') === '5400000ms'
 *     promDuration('1min') === '1m'
 */
export function promDuration(interval: string): string {
  if (PROM_DURATION.test(interval)) return interval;
  const [, count, unit] = LONG_UNIT.exec(interval) ?? [];
  if (count !== undefined && unit !== undefined) return count + unit;
  const ms = durationMs(interval);
  return ms === undefined ? interval : `${Math.ceil(ms)}ms`;
}
