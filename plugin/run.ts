import { CommanderError } from 'commander';
import { asCommanderReads } from './as-commander-reads.ts';
import { askedForHelp } from './asked-for-help.ts';
import { CommandError } from './command-error.ts';
import { COMPLETE } from './completion/complete-command.ts';
import type { Context } from './context.ts';
import { errorLine } from './error-line.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { GlobalFlags } from './global-options.ts';
import { type Call, createProgram } from './program.ts';
import { SPECS } from './specs.ts';

export interface RunOptions {
  /** What stands after `kubectl canary`. */
  readonly argv: readonly string[];
  readonly out: Context['out'];
  readonly err: Context['err'];
  readonly columns: number;
  readonly signal: AbortSignal;
  /** What a command works with, once the global flags are known; released when the command is over. */
  readonly open: (global: GlobalFlags) => Promise<{ readonly context: Context; readonly close: () => void }>;
}

/** Runs one command line. Whatever goes wrong is told in one line on standard error, and is in the exit code. */
export async function run({ argv: typed, out, err, columns, signal, open }: RunOptions): Promise<ExitCode> {
  const argv = askedForHelp(typed, SPECS);
  if (argv[0] === COMPLETE) {
    const { complete } = await import('./completion/complete.ts');
    return complete({ words: argv.slice(1), specs: SPECS, open });
  }
  const asked: { call?: Call } = {};
  try {
    const program = createProgram({
      ...{ specs: SPECS, columns },
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      onCall: (call) => (asked.call = call),
    });
    if (argv.length === 0) program.outputHelp();
    else program.parse(asCommanderReads(argv, program), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
  }
  if (asked.call === undefined) return EXIT.OK;
  const { spec, args, flags, global } = asked.call;
  try {
    const { context, close } = await open(global);
    try {
      const command = await spec.load();
      const exitCode = await command.run(context, args, flags);
      return signal.aborted ? EXIT.INTERRUPTED : exitCode;
    } finally {
      close();
    }
  } catch (error) {
    if (signal.aborted) return EXIT.INTERRUPTED;
    err.write(`${errorLine(error, spec.name)}\n`);
    return error instanceof CommandError ? error.exitCode : EXIT.FAILED;
  }
}
