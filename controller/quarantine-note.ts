import type { DeathReason } from '../kube/guard/death.ts';
import type { Suspect } from '../kube/guard/quarantine-record.ts';

const HOW: Readonly<Record<DeathReason, string>> = {
  hang: 'its event loop stood still',
  crash: 'an error that nobody caught',
  memory: 'its memory was nearly used up',
  stuck: 'calls that did not end',
  unknown: 'it was killed',
};

/** Text of the event about a canary during whose work the controller ended, for people who ask why nothing moves. */
export function quarantineNote(name: string, namespace: string, { deaths, reason, due }: Suspect, now: number): string {
  const times = deaths === 1 ? 'once' : `${deaths} times`;
  const when =
    due <= now
      ? 'It is tried again once all other canaries have been worked on'
      : `It is tried again at ${new Date(due).toISOString().slice(0, 19)}Z, or sooner after a change of its spec`;
  return `Canary ${name}.${namespace} is in quarantine: the controller ended ${times} while it worked on it (${HOW[reason]}). ${when}`;
}
