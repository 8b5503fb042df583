import type { CommandSpec } from './command-spec.ts';

/**
 * `help set image` as `set image --help`, of which commander's own `help` knows only the first word. What is no command is left
 * alone, to be refused as one.
 */
export function askedForHelp(argv: readonly string[], specs: readonly CommandSpec[]): readonly string[] {
  const [first, ...words] = argv;
  if (first !== 'help' || words.length === 0) return argv;
  const name = `${words.join(' ')} `;
  const isCommand = specs.some((spec) =>
    [spec.name, ...(spec.aliases ?? [])].some((known) => `${known} `.startsWith(name)),
  );
  return isCommand ? [...words, '--help'] : words;
}
