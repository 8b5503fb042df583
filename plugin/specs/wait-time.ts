import { InvalidArgumentError } from 'commander';
import { durationMs } from '../../api/duration.ts';

/** Milliseconds of a time such as `2m`. */
export function waitTime(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('Write a time such as 30s or 2m.');
  return ms;
}
