import { EXIT, type ExitCode } from './exit-code.ts';

/** What a command ends with when it cannot do what it was asked: one line for a person, in which stands what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, { exitCode = EXIT.FAILED, cause }: { exitCode?: ExitCode; cause?: unknown } = {}) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

/** A command line that cannot be used. */
export function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: EXIT.USAGE });
}
