import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';
import type { StoreReport } from './store-report.ts';

/** Bundles a program as those that ship are, runs it as a process of its own, and gives what it reports. */
export async function runStoreProgram(source: string, args: readonly string[]): Promise<StoreReport> {
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-store-'));
  try {
    await build({
      entryPoints: { program: source },
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      minify: true,
      keepNames: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      logLevel: 'error',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    // What is for this process, such as a loader of TypeScript, is not for that one.
    const env = { NODE_OPTIONS: '' };
    const program = ['--expose-gc', join(folder, 'program.mjs'), ...args];
    const { stdout } = await execa(process.execPath, program, { env, timeout: 300_000 });
    return JSON.parse(stdout) as StoreReport;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
