import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { watchRelease } from './watch-release.ts';

export function run(context: Context, [name]: Args, flags: { readonly events: number }): Promise<ExitCode> {
  return watchRelease(context, name as string, flags);
}
