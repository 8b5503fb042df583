import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { decideFor } from '../decide/decide.ts';
import type { AnsweredFlags } from '../decide/flags.ts';
import type { ExitCode } from '../exit-code.ts';

export function run(context: Context, [names = []]: Args, flags: AnsweredFlags): Promise<ExitCode> {
  return decideFor(context, flags, { action: 'retry', done: 'retried', names: names as readonly string[] });
}
