import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';

/** Sends a signal to the one process of this sandbox that is such a part of the control plane. */
export async function signalComponent(component: string, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const ids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(
    // Some are gone by now.
    ids.map(async (id) => ({ id, line: await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '') })),
  );
  const isIt = (line: string) => {
    const [program = '', command] = line.split('\0');
    return program.endsWith('/kubernetes') && command === component;
  };
  const [found, ...others] = lines.filter(({ line }) => isIt(line));
  // Outside of a sandbox there may be those of several.
  assert.ok(found !== undefined && others.length === 0, `there are ${others.length + (found ? 1 : 0)} of ${component}`);
  process.kill(Number(found.id), signal);
}
