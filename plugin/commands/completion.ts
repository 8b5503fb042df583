import type { Args } from '../command-spec.ts';
import { SHELL_SCRIPTS, type Shell } from '../completion/shell-scripts.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';

export function run({ out }: Context, [shell]: Args): Promise<ExitCode> {
  out.write(SHELL_SCRIPTS[shell as Shell]);
  return Promise.resolve(EXIT.OK);
}
