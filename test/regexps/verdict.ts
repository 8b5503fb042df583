import { check } from 'recheck';
import { analyse } from 'scslre';
import { slowText } from './growth.ts';

/** Who of the three says that an expression takes more than linear time; empty for a good one. */
export async function objections(source: string, flags: string, deadlineMs?: number): Promise<readonly string[]> {
  const { reports } = analyse({ source, flags });
  const checked = await check(source, flags, { timeout: 30_000, checker: 'auto' });
  const slow = slowText(source, flags, deadlineMs);
  return [
    ...(reports.length === 0 ? [] : [`scslre: ${reports.map(({ type }) => type).join(', ')}`]),
    ...(checked.status === 'safe'
      ? []
      : [`recheck: ${checked.status === 'vulnerable' ? checked.complexity.summary : checked.status}`]),
    ...(slow === undefined ? [] : [`grows: ${JSON.stringify(slow)}`]),
  ];
}
