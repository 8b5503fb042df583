import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { decideFor } from '../decide/decide.ts';
import type { AnsweredFlags } from '../decide/flags.ts';
import { type GateFlags, gateAndNames } from '../decide/gate-and-names.ts';
import type { ExitCode } from '../exit-code.ts';

export function run(context: Context, args: Args, flags: AnsweredFlags & GateFlags): Promise<ExitCode> {
  const { gate, names } = gateAndNames(args, flags);
  return decideFor(context, flags, {
    ...{ action: 'reject', done: 'rejected', names },
    ...(gate !== undefined && { ask: () => ({ gate }) }),
  });
}
