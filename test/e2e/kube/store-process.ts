import { execa } from 'execa';
import { bundle } from './bundle.ts';
import type { StoreReport } from './store-report.ts';

/** Runs a program as a process of its own, and gives what it reports. */
export async function runStoreProgram(source: string, args: readonly string[]): Promise<StoreReport> {
  const { program, remove } = await bundle(source);
  try {
    // What is for this process, such as a loader of TypeScript, is not for that one.
    const env = { NODE_OPTIONS: '' };
    const { stdout } = await execa(process.execPath, ['--expose-gc', program, ...args], { env, timeout: 300_000 });
    return JSON.parse(stdout) as StoreReport;
  } finally {
    await remove();
  }
}
