import { pause } from '../pause.ts';
import type { Probe } from '../pod.ts';
import { type ProbeTarget, runProbe } from './run-probe.ts';
import { count, type ProbeStanding } from './threshold.ts';

export type ProbeKind = 'Startup' | 'Readiness' | 'Liveness';

export interface ProbeListener {
  /** The startup probe has succeeded; not called where there is none. */
  onStarted(): void;
  onReady(ready: boolean): void;
  /** The container is to be ended. Called once. */
  onDead(kind: 'Startup' | 'Liveness', probe: Probe): void;
  /** What the event of an unhappy probe says, such as `Readiness probe failed: ...`. */
  onWarning(reason: 'Unhealthy' | 'ProbeWarning', message: string): void;
}

/**
 * Probes one run of a container until the signal aborts: first the startup probe, until it succeeds; then readiness and
 * liveness side by side.
 */
export async function probeContainer(
  target: ProbeTarget,
  startedAt: number,
  listener: ProbeListener,
  signal: AbortSignal,
): Promise<void> {
  const { startupProbe, readinessProbe, livenessProbe } = target.container;

  async function loop(
    kind: ProbeKind,
    probe: Probe,
    onStanding: (healthy: boolean) => 'go on' | 'stop',
  ): Promise<void> {
    const thresholds = { successThreshold: probe.successThreshold ?? 1, failureThreshold: probe.failureThreshold ?? 3 };
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    let standing: ProbeStanding = { healthy: undefined, lastOk: undefined, inARow: 0 };
    await pause(startedAt + (probe.initialDelaySeconds ?? 0) * 1000 - Date.now(), signal);
    while (!signal.aborted) {
      const began = Date.now();
      const result = await runProbe(probe, target).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        if (!signal.aborted)
          listener.onWarning('Unhealthy', `${kind} probe errored and resulted in unknown state: ${why}`);
        return undefined;
      });
      if (signal.aborted) return;
      if (result !== undefined) {
        if (result.outcome === 'failure') listener.onWarning('Unhealthy', `${kind} probe failed: ${result.output}`);
        if (result.outcome === 'warning') listener.onWarning('ProbeWarning', `${kind} probe warning: ${result.output}`);
        standing = count(standing, result, thresholds);
        if (standing.healthy !== undefined && onStanding(standing.healthy) === 'stop') return;
      }
      await pause(began + periodMs - Date.now(), signal);
    }
  }

  let alive = true;
  if (startupProbe !== undefined) {
    await loop('Startup', startupProbe, (healthy) => {
      alive = healthy;
      if (healthy) listener.onStarted();
      else listener.onDead('Startup', startupProbe);
      return 'stop';
    });
  }
  if (!alive || signal.aborted) return;
  if (readinessProbe === undefined) listener.onReady(true);
  await Promise.all([
    readinessProbe &&
      loop('Readiness', readinessProbe, (healthy) => {
        listener.onReady(healthy);
        return 'go on';
      }),
    livenessProbe &&
      loop('Liveness', livenessProbe, (healthy) => {
        if (healthy) return 'go on';
        listener.onDead('Liveness', livenessProbe);
        return 'stop';
      }),
  ]);
}
