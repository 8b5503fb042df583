import { type ExecTarget, execInContainer } from '../container-exec.ts';
import { failure, type ProbeResult, success } from './result.ts';

/** A command that ends with 0 is a success. */
export async function probeExec(
  target: ExecTarget,
  command: readonly string[],
  timeoutMs: number,
): Promise<ProbeResult> {
  const { exitCode, output } = await execInContainer(target, command, AbortSignal.timeout(timeoutMs));
  if (exitCode === undefined) {
    return failure(`command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`);
  }
  return exitCode === 0 ? success(output) : failure(output);
}
