import type { Command, Option } from 'commander';

const YES = /^(1|t|true)$/i;
const NO = /^(0|f|false)$/i;

/**
 * The arguments as commander reads them, of those that kubectl's users write: `-o=json` and `-v=6`, where commander takes the
 * equals sign for a part of the value, and `--no-headers=true` and `--wait=false`, where it has no value at all.
 *
 * @param argv what follows `--` is left as it is
 */
export function asCommanderReads(argv: readonly string[], program: Command): readonly string[] {
  const options = optionsOf(program);
  const end = argv.indexOf('--');
  const read = end < 0 ? argv : argv.slice(0, end);
  return [...read.flatMap((argument) => spelled(argument, options)), ...argv.slice(read.length)];
}

function spelled(argument: string, options: readonly Option[]): readonly string[] {
  const [, name, value = ''] = /^(-[a-zA-Z]|--[a-z][\w-]*)=(.*)$/s.exec(argument) ?? [];
  const known = options.filter(({ short, long }) => name !== undefined && (short === name || long === name));
  if (name === undefined || known.length === 0) return [argument];
  if (!known.every((option) => option.isBoolean() || option.negate)) {
    return name.startsWith('--') ? [argument] : [name, value];
  }
  if (YES.test(value)) return [name];
  if (!NO.test(value)) return [argument];
  const opposite = `--no-${name.slice(2)}`;
  return options.some(({ long }) => long === opposite) ? [opposite] : [];
}

function optionsOf(command: Command): readonly Option[] {
  return [...command.options, ...command.commands.flatMap(optionsOf)];
}
