import { execInContainer } from './container-exec.ts';
import { pause } from './pause.ts';
import { type LifecycleHandler, type Pod, podTitle } from './pod.ts';
import { httpCall, probeHttp } from './probe/http.ts';
import type { ProbeTarget } from './probe/run-probe.ts';

/** A postStart or preStop hook has failed; the message is that of a real kubelet. */
class HookError extends Error {
  override readonly name = 'HookError';
}

/** The answer to an httpGet hook is waited for as long as the pod's grace allows, but not for ever. */
const HTTP_MS = 600_000;

/** Runs a hook to its end, or until the signal aborts. */
export async function runHook(
  hook: LifecycleHandler,
  target: ProbeTarget,
  pod: Pod,
  signal: AbortSignal,
): Promise<void> {
  const where = `for Container "${target.container.name}" in Pod "${podTitle(pod)}" failed - error:`;
  if (hook.exec !== undefined) {
    const command = hook.exec.command ?? [];
    const { exitCode, output } = await execInContainer(target.exec, command, signal);
    if (exitCode === 0) return;
    const why =
      exitCode === undefined ? 'it was ended' : `command '${command.join(' ')}' exited with ${exitCode}: ${output}`;
    throw new HookError(
      `Exec lifecycle hook ([${command.join(' ')}]) ${where} ${why}, message: ${JSON.stringify(output)}`,
    );
  }
  if (hook.httpGet !== undefined) {
    const call = httpCall(hook.httpGet, target.container, target.address, 'lifecycle');
    const answer = await Promise.race([probeHttp(call, HTTP_MS, signal), aborted(signal)]);
    // Any answer will do: only a request that could not be made is a failure.
    if (answer === undefined || !answer.output.startsWith('Get "')) return;
    throw new HookError(`HTTP lifecycle hook (${hook.httpGet.path ?? '/'}) ${where} ${answer.output}`);
  }
  if (hook.sleep !== undefined) await pause(hook.sleep.seconds * 1000, signal);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
