import { execFile } from 'node:child_process';

/** A program of the machine failed; the message has what it said. */
class ProgramError extends Error {
  override readonly name = 'ProgramError';

  constructor(command: string, stderr: string, cause: unknown) {
    super(`${command}: ${stderr.trim() === '' ? String(cause) : stderr.trim()}`, { cause });
  }
}

const TIMEOUT_MS = 20_000;

/** Runs a short program to its end with `input` on its standard input, and gives its standard output. */
export function runProgram(command: readonly string[], input = ''): Promise<string> {
  const [file = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new ProgramError(command.join(' '), stderr, error));
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
