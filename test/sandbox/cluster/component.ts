import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

export interface ComponentOptions {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  /** Its output is appended to `NAME.log` in here. */
  readonly logs: string;
  /** Told of every exit. */
  readonly onExit: (name: string, how: string) => void;
}

const RESTART_MS = 500;

/**
 * Starts one long-running program of the control plane, and starts it again whenever it ends, as a node's own supervisor
 * would do: tests kill components to see what that does to everything else. Only the end of the namespaces ends it for good.
 */
export function keepRunning(options: ComponentOptions): void {
  const log = openSync(join(options.logs, `${options.name}.log`), 'a');
  const [program, ...args] = options.argv;
  const child = spawn(program, args, { stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = (how: string) => {
    options.onExit(options.name, how);
    setTimeout(() => keepRunning(options), RESTART_MS);
  };
  child.once('error', (error) => ended(error.message));
  child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
}
