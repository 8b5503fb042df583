// The texts of events, as users know them from Flagger and search their logs for them.
import { formatDuration } from '../../api/duration.ts';
import type { CheckStatus } from '../../api/generated/canary.ts';
import type { Note } from './decision.ts';

/** A thousand days: what is more, or infinite, is shown as the number that it is. */
const MAX_DURATION_MS = 86_400_000_000;
/** What people write is shown in events, which take 1024 bytes. */
const MAX_NAME = 253;
const MAX_REASON = 512;

export function normal(action: string, text: string): Note {
  return { type: 'Normal', action, text };
}

export function warning(action: string, text: string): Note {
  return { type: 'Warning', action, text };
}

/** `jane asked for it: it is too slow`; whoever it was where admission could not say. */
export function askedFor({ by, reason }: { readonly by?: string; readonly reason?: string }): string {
  const who = by === undefined ? 'somebody' : by.slice(0, MAX_NAME);
  return `${who} asked for it${reason === undefined ? '' : `: ${reason.slice(0, MAX_REASON)}`}`;
}

/**
 * Why a check holds the release up.
 *
 *     Halt podinfo.test advancement success rate 69.17% < 99%
 *     Halt podinfo.test advancement request duration 2.525s > 500ms
 *     Halt podinfo.test advancement error-rate 12.5 > 1
 */
export function haltText(title: string, check: CheckStatus): string {
  return `Halt ${title} advancement ${haltReason(check)}`;
}

/** The same without whose release it is. */
export function haltReason({
  kind,
  name,
  verdict,
  value,
  thresholdRange = {},
  message = 'without a reason',
}: CheckStatus): string {
  if (kind === 'Webhook') return `external check ${name} failed: ${message}`;
  if (verdict === 'NoData') return `${name} has no data: ${message}`;
  if (verdict === 'Error') return `${name} could not be measured: ${message}`;
  if (value === undefined || verdict === 'Inconclusive') return `${name} is inconclusive: ${message}`;
  const { min, max } = thresholdRange;
  const [title, shown] = shownAs(name);
  if (min !== undefined && value < min) return `${title} ${shown(value, true)} < ${shown(min, false)}`;
  if (max !== undefined && value > max) return `${title} ${shown(value, true)} > ${shown(max, false)}`;
  return `${title} ${shown(value, true)}: ${message}`;
}

/** How a check is called, and how a measured value or a limit of it is written. */
export function shownAs(name: string): readonly [string, (value: number, isMeasured: boolean) => string] {
  switch (name) {
    case 'request-success-rate':
      return ['success rate', (value, isMeasured) => `${isMeasured ? value.toFixed(2) : value}%`];
    case 'request-duration':
      return [
        'request duration',
        (value) => (Math.abs(value) < MAX_DURATION_MS ? formatDuration(Math.round(value)) : String(value)),
      ];
    default:
      return [name, (value, isMeasured) => (isMeasured ? String(Number(value.toPrecision(6))) : String(value))];
  }
}
