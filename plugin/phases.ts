import type { CanaryStatus } from '../api/generated/canary.ts';

/** In the order in which a release goes through them. */
export const PHASES = [
  ...(['Initializing', 'Initialized', 'Waiting', 'Progressing', 'WaitingPromotion', 'Promoting'] as const),
  ...(['Finalising', 'Succeeded', 'Failed', 'Terminating', 'Terminated'] as const),
] satisfies readonly CanaryStatus['phase'][];
