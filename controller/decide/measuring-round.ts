import type { Canary } from '../../api/generated/canary.ts';

/**
 * Which look at the metrics a canary is due for, or has under way: of this spec, this run, this step and this try. What was
 * measured in one round says nothing in another.
 */
export function measuringRound({ metadata: { generation }, status = {} }: Canary): string {
  const { lastAppliedSpec, startedAt, step, iterations, nextCheckAt } = status;
  return [generation, lastAppliedSpec, startedAt, step, iterations, nextCheckAt].join(' ');
}
