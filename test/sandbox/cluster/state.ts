import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ProcessIdentity } from '../process-identity.ts';

/** What a sandbox tells of itself: written by the process inside, read by `up`, `exec`, `ps` and `down`. */
export interface SandboxState {
  readonly phase: 'starting' | 'ready' | 'failed';
  /** What it is doing, or why it failed. */
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly readyAfterMs?: number;
  readonly with: readonly string[];
}

/** What `up` records of the processes that hold the namespaces, as the host sees them. */
export interface SandboxProcesses {
  /** `unshare`, whose end is the end of everything inside. */
  readonly holder: ProcessIdentity;
  /** The first process inside, whose namespaces `exec` enters. */
  readonly init: ProcessIdentity;
}

/** Replaces the file in one step: a reader never sees half of it. */
export function writeJson(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value));
  renameSync(`${file}.new`, file);
}

export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
