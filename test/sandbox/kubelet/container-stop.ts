import type { Deadline } from './deadline.ts';
import { runHook } from './lifecycle-hook.ts';
import type { Container, Pod } from './pod.ts';
import type { RunningContainer } from './running-container.ts';

/** However little of the grace period a preStop hook has left, the program has this long. */
const MIN_GRACE_MS = 2000;

export interface StopOptions {
  readonly pod: Pod;
  readonly container: Container;
  readonly running: RunningContainer;
  /** When the grace period is over; the caller clears it. */
  readonly deadline: Deadline;
  readonly onHookFailed: (error: unknown) => void;
}

/** Ends a container as its pod's users expect it: the preStop hook, the stop signal, and SIGKILL when time is up. */
export async function stopContainer({ pod, container, running, deadline, onHookFailed }: StopOptions): Promise<void> {
  const ended = new AbortController();
  void running.exited.then(() => ended.abort());
  const hook = container.lifecycle?.preStop;
  if (hook !== undefined && running.inside !== undefined && deadline.leftMs > 0) {
    const signal = AbortSignal.any([deadline.passed, ended.signal]);
    await runHook(hook, running.inside.probe, pod, signal).catch(onHookFailed);
  }
  if (ended.signal.aborted) return;
  running.signal((container.lifecycle?.stopSignal ?? 'SIGTERM') as NodeJS.Signals);
  // The hook may have used up all of it.
  const graceful = hook !== undefined && deadline.leftMs < MIN_GRACE_MS ? MIN_GRACE_MS : undefined;
  await untilEnded(running, deadline, graceful);
  if (!ended.signal.aborted) running.signal('SIGKILL');
  await running.exited;
}

async function untilEnded(running: RunningContainer, deadline: Deadline, fixedMs: number | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    if (fixedMs !== undefined) timer = setTimeout(resolve, fixedMs);
    else if (deadline.passed.aborted) resolve();
    else deadline.passed.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([running.exited, passed]);
  clearTimeout(timer);
}
