import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../command-error.ts';

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs KUBECTL_EXTERNAL_DIFF as kubectl does: no shell reads it, and the two files come last.
 *
 * @param command a program, and arguments for it with blanks between them
 * @throws {CommandError} where it cannot be started
 */
export async function externalDiff(
  command: string,
  sides: readonly { readonly file: string; readonly yaml: string }[],
  { env, signal }: { readonly env: Readonly<Record<string, string | undefined>>; readonly signal: AbortSignal },
): Promise<Ran> {
  const [program = '', ...args] = command.split(/\s+/);
  // For the user alone: what is in a pod template is not for everybody on this machine.
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-diff-'));
  try {
    const files = sides.map(({ file, yaml }) => ({ path: join(folder, `${file}.yaml`), yaml }));
    for (const { path, yaml } of files) await writeFile(path, yaml);
    return await ran(program, [...args, ...files.map(({ path }) => path)], { env, signal });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function ran(
  program: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string | undefined>>; readonly signal: AbortSignal },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', (cause) =>
      reject(new CommandError(`KUBECTL_EXTERNAL_DIFF cannot be run: ${cause.message}`, { cause })),
    );
    child.once('close', (code) => resolve({ exitCode: code ?? 2, stdout, stderr }));
  });
}
