import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Failure } from './failure.ts';

/** Who waits this long for a lock is told that somebody else has it. */
const TELL_MS = 300;

/**
 * Runs `work` while no other process holds the lock on the file. The kernel keeps the lock, in a child that lives until its
 * input ends: so it is free again the moment that we are gone, however we went.
 */
export async function withLock<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo locked; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(holder, 'exit');
  const tell = setTimeout(onWait, TELL_MS);
  try {
    const locked = once(holder.stdout, 'data').then(() => true);
    if (!(await Promise.race([locked, exited.then(() => false)]))) throw new Failure(`flock could not lock ${file}`);
    clearTimeout(tell);
    return await work();
  } finally {
    clearTimeout(tell);
    holder.stdin.end();
    await exited;
  }
}
