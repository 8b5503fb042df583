import { Help } from 'commander';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { globalOptions } from '../global-options.ts';

export function run({ out, terminal }: Context): Promise<ExitCode> {
  const help = new Help();
  help.prepareContext({ helpWidth: terminal.size().columns });
  const options = globalOptions().filter(({ hidden }) => !hidden);
  const width = Math.max(...options.map((option) => help.optionTerm(option).length));
  const lines = options.map((option) =>
    help.formatItem(help.optionTerm(option), width, help.optionDescription(option), help),
  );
  out.write(`The following options may stand anywhere with every command:\n\n${lines.join('\n')}\n`);
  return Promise.resolve(EXIT.OK);
}
