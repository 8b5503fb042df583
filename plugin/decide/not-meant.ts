import type { CanaryStatus } from '../../api/generated/canary.ts';
import type { CanaryActionSpec } from '../../api/generated/canary-action.ts';

/**
 * Why a canary is not meant that nobody has named, but that a selector fits or is one of all; `undefined` where it is. Of one
 * that is named, the controller says so.
 */
export function whyNotMeant(action: CanaryActionSpec['action'], status: CanaryStatus = {}): string | undefined {
  const { phase, paused, ending } = status;
  if (action === 'retry') {
    return phase === 'Failed' || ending !== undefined ? undefined : 'its last release has not failed';
  }
  if (!isUnderWay(phase) || ending !== undefined) return 'no release is under way';
  switch (action) {
    case 'pause':
      return paused === undefined ? undefined : 'it is paused already';
    case 'resume':
      return paused === undefined ? 'it is not paused' : undefined;
    case 'promote':
    case 'abort':
    case 'approve':
    case 'reject':
      return undefined;
  }
}

function isUnderWay(phase: CanaryStatus['phase']): boolean {
  return phase === 'Waiting' || phase === 'Progressing' || phase === 'WaitingPromotion' || phase === 'Promoting';
}
