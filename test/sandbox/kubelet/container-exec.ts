import { spawn } from 'node:child_process';

/** Where a command runs: the namespaces of a running container and what its program has been given. */
export interface ExecTarget {
  readonly pid: number;
  /** The container has a user namespace of its own. */
  readonly userNamespace: boolean;
  readonly workingDir: string;
  readonly environment: ReadonlyMap<string, string>;
}

export interface ExecResult {
  /** `undefined` for a command that was ended because it took too long. */
  readonly exitCode: number | undefined;
  /** Its beginning, standard output and standard error as they came. */
  readonly output: string;
}

const MAX_OUTPUT = 10 * 1024;

/** The command line that runs `command` in a container. */
export function execArguments(target: ExecTarget, command: readonly string[]): string[] {
  const user = target.userNamespace ? ['--user', '--preserve-credentials'] : [];
  return [
    ...['nsenter', '--target', String(target.pid), ...user, '--mount', '--uts', '--ipc', '--net', '--pid', '--'],
    ...['/usr/bin/env', '-i', '-C', target.workingDir],
    ...[...target.environment].map(([name, value]) => `${name}=${value}`),
    ...command,
  ];
}

/** Runs a command in a container to its end, or until the signal aborts. */
export function execInContainer(
  target: ExecTarget,
  command: readonly string[],
  signal: AbortSignal,
): Promise<ExecResult> {
  const [file = '', ...args] = execArguments(target, command);
  return new Promise((resolve, reject) => {
    // A process group of its own: nsenter forks, and ending it alone would leave the command behind.
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { PATH: process.env['PATH'] },
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      if (output.length < MAX_OUTPUT) output += chunk.toString('utf8').slice(0, MAX_OUTPUT - output.length);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const abort = (): void => {
      if (child.pid !== undefined) killGroup(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    child.once('error', (error) => {
      signal.removeEventListener('abort', abort);
      reject(error);
    });
    child.once('close', (code, endedBy) => {
      signal.removeEventListener('abort', abort);
      resolve({ exitCode: signal.aborted ? undefined : (code ?? (endedBy === 'SIGKILL' ? 137 : 143)), output });
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
