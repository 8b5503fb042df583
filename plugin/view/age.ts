const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/**
 * How long something has been going on, as kubectl shows it: `12s`, `3m20s`, `45m`, `5h12m`, `30h`, `3d4h`, `12d`, `2y30d`.
 * After `HumanDuration` of k8s.io/apimachinery/pkg/util/duration.
 *
 * @param ms under zero by no more than two seconds is a clock that goes otherwise, and `0s`; by more, `<invalid>`
 */
export function humanDuration(ms: number): string {
  if (ms < -2 * SECOND) return '<invalid>';
  if (ms < 0) return '0s';
  if (ms < 2 * MINUTE) return `${whole(ms, SECOND)}s`;
  if (ms < 10 * MINUTE) return both(ms, MINUTE, 'm', SECOND, 's');
  if (ms < 3 * HOUR) return `${whole(ms, MINUTE)}m`;
  if (ms < 8 * HOUR) return both(ms, HOUR, 'h', MINUTE, 'm');
  if (ms < 2 * DAY) return `${whole(ms, HOUR)}h`;
  if (ms < 8 * DAY) return both(ms, DAY, 'd', HOUR, 'h');
  if (ms < 2 * YEAR) return `${whole(ms, DAY)}d`;
  if (ms < 8 * YEAR) return both(ms, YEAR, 'y', DAY, 'd');
  return `${whole(ms, YEAR)}y`;
}

/** The age of what happened then, such as a creationTimestamp; `<unknown>` without a time. */
export function ageOf(time: string | undefined, now: Date): string {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? '<unknown>' : humanDuration(now.getTime() - at);
}

function whole(ms: number, unit: number): number {
  return Math.floor(ms / unit);
}

function both(ms: number, large: number, one: string, small: number, other: string): string {
  const rest = whole(ms % large, small);
  return rest === 0 ? `${whole(ms, large)}${one}` : `${whole(ms, large)}${one}${rest}${other}`;
}
