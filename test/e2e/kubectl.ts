import { execa } from 'execa';

/** Some of them wait by themselves, for a garbage collector that a busy machine keeps from its work. */
const TIMEOUT_MS = 300_000;

/** Runs kubectl; what it printed. Throws with its error output when it fails. */
export async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await execa('kubectl', args, { timeout: TIMEOUT_MS });
  return stdout;
}

export async function kubectlJson<T>(...args: string[]): Promise<T> {
  return JSON.parse(await kubectl(...args, '-o', 'json')) as T;
}

/** Applies objects as `kubectl apply -f -` does. */
export async function apply(...objects: readonly object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await execa('kubectl', ['apply', '-f', '-'], { input: JSON.stringify(list), timeout: TIMEOUT_MS });
}

/** Runs a kubectl that may fail, with an object as its input: `tryKubectl(canary, 'apply', '-f', '-')`. */
export async function tryKubectl(object: object, ...args: string[]) {
  const input = JSON.stringify(object);
  const { exitCode, stdout, stderr } = await execa('kubectl', args, { input, reject: false, timeout: TIMEOUT_MS });
  return { exitCode, stdout, stderr };
}

/** Runs a kubectl that is expected to fail; what it said on stderr. */
export async function kubectlFails(...args: string[]): Promise<string> {
  const result = await execa('kubectl', args, { reject: false, timeout: TIMEOUT_MS });
  if (result.exitCode === 0) throw new Error(`kubectl ${args.join(' ')} succeeded: ${result.stdout}`);
  return result.stderr;
}
