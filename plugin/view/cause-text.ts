import { ageOf, humanDuration } from './age.ts';
import type { Cause } from './cause.ts';

/** What a release waits for or why it failed, with the time that is known of it; without a full stop. */
export function causeText({ kind, text, since, until, deadline }: Cause, now: Date): string {
  switch (kind) {
    case 'failed':
      return `Failed${since === undefined ? '' : ` ${ageOf(since, now)} ago`}: ${text}`;
    case 'rest':
      return `Waits for ${text}`;
    case 'waits': {
      if (until !== undefined) return `Waits for ${text}, ${inTime(until, now)}`;
      if (deadline !== undefined) return `Waits for ${text}; it is given up ${inTime(deadline, now)}`;
      return `Waits for ${text}${since === undefined ? '' : `, for ${ageOf(since, now)}`}`;
    }
  }
}

/** `in 20s`, or `now` once that has passed. */
export function inTime(time: string, now: Date): string {
  const ms = Date.parse(time) - now.getTime();
  return ms > 0 ? `in ${humanDuration(ms)}` : 'now';
}
