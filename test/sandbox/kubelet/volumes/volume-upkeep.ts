import { type BackOff, nextBackOff, VOLUME_MOUNT } from '../back-off.ts';
import type { EventRecorder } from '../events.ts';
import type { NodeFacts } from '../field-value.ts';
import { pause } from '../pause.ts';
import type { Pod } from '../pod.ts';
import { MountError, type PodVolumes } from './pod-volumes.ts';

/** A kubelet takes about a minute; tests wait for it. */
const REFRESH_MS = 20_000;

export interface UpkeepOptions {
  readonly volumes: PodVolumes;
  readonly events: EventRecorder;
  /** The newest version of the pod. */
  readonly pod: () => Pod;
  readonly nodeFacts: () => NodeFacts;
  readonly signal: AbortSignal;
}

/** Sets up a pod's volumes, however often it has to try; returns early only when the signal aborts. */
export async function mountVolumes({ volumes, events, pod, nodeFacts, signal }: UpkeepOptions): Promise<void> {
  let backOff: BackOff | undefined;
  while (!signal.aborted) {
    try {
      await volumes.mount(pod(), nodeFacts(), signal);
      return;
    } catch (error) {
      if (!(error instanceof MountError) || signal.aborted) throw error;
      events.pod(pod(), 'Warning', 'FailedMount', error.message);
      backOff = nextBackOff(backOff, Date.now(), VOLUME_MOUNT);
      await pause(backOff.delayMs, signal);
    }
  }
}

/** Brings a pod's volumes up to date once a minute until the signal aborts. */
export async function keepVolumesFresh({ volumes, events, pod, nodeFacts, signal }: UpkeepOptions): Promise<void> {
  // Spread out, so that the pods of one Deployment do not ask all at once.
  await pause(REFRESH_MS * Math.random(), signal);
  while (!signal.aborted) {
    await pause(REFRESH_MS, signal);
    if (signal.aborted || !volumes.refreshable) continue;
    await volumes.refresh(pod(), nodeFacts(), signal).catch((error: unknown) => {
      if (error instanceof MountError && !signal.aborted) events.pod(pod(), 'Warning', 'FailedMount', error.message);
    });
  }
}
