import type { CanaryStatus, WaitingFor } from '../../api/generated/canary.ts';
import type { Note, Waits } from './decision.ts';
import { changed, iso } from './status.ts';

interface Waiting {
  /** One word in CamelCase. */
  readonly reason: string;
  readonly message: string;
  /** The hook that a person has to approve: the waiting does not end by itself, whenever it is looked at again. */
  readonly gate?: string | undefined;
  /** Milliseconds since 1970; without it, only something that happens ends the waiting. */
  readonly until?: number | undefined;
  readonly note?: Note | undefined;
}

/** Waits, and says for what. */
export function waiting(status: CanaryStatus, { reason, message, gate, until, note }: Waiting): Waits {
  const waitingFor: WaitingFor = {
    reason,
    message: message.slice(0, 1024),
    ...(gate !== undefined && { gate }),
    ...(until === undefined || gate !== undefined ? {} : { until: iso(until) }),
  };
  return {
    kind: 'wait',
    status: changed(status, { waitingFor }),
    ...(until === undefined ? {} : { until }),
    ...(note === undefined ? {} : { note }),
  };
}
