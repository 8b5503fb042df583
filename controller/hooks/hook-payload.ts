import type { Canary, CanaryStatus, CanaryWebhook } from '../../api/generated/canary.ts';
import { revisionOf } from '../../api/revision.ts';

export type HookPhase = NonNullable<CanaryStatus['phase']>;

/** What an event hook is told of. */
export interface HookEvent {
  readonly message: string;
  readonly type: 'Normal' | 'Warning';
  readonly at: Date;
}

/** The body of a hook's call, in the order in which Flagger writes the fields. */
export interface HookPayload {
  readonly name: string;
  readonly namespace: string;
  readonly phase: HookPhase;
  /** Opaque: another one for another revision or other tracked configs. Fits into a label. */
  readonly checksum: string;
  /** Not there where it would be empty. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a label's value has room for is 63; 128 bits are enough that nobody finds two revisions with the same one. */
const CHECKSUM_LENGTH = 32;

export function hookPayload(canary: Canary, hook: CanaryWebhook, phase: HookPhase, event?: HookEvent): HookPayload {
  const { name, namespace } = canary.metadata;
  // What is said of the event cannot be overridden.
  const metadata = Object.entries({ ...hook.metadata, ...(event === undefined ? {} : eventMetadata(event)) });
  // Go writes the keys of a map in this order, and a receiver may compare texts.
  const sorted = metadata.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    name,
    namespace,
    phase,
    checksum: checksumOf(canary),
    ...(sorted.length === 0 ? {} : { metadata: Object.fromEntries(sorted) }),
  };
}

/** The timestamp is in milliseconds since 1970. */
function eventMetadata({ message, type, at }: HookEvent): Record<string, string> {
  return { eventMessage: message, eventType: type, timestamp: String(at.getTime()) };
}

function checksumOf({ status: { lastAppliedSpec = '', trackedConfigs = {} } = {} }: Canary): string {
  return revisionOf({ lastAppliedSpec, trackedConfigs }).slice(0, CHECKSUM_LENGTH);
}
