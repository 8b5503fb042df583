import type { Argument, Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';

const GROUPS: readonly CommandSpec['group'][] = ['See', 'Decide', 'Prepare', 'About'];

const INTRODUCTION = `# kubectl canary

<!-- Made by \`make generate\` of plugin/specs. -->

See why a release stands where it stands, and decide. kubectl finds the plugin as \`kubectl-canary\` on PATH; how it gets there is
in the [README](../README.md#the-plugin). \`kubectl canary COMMAND --help\` says what stands here.

What was asked for goes to standard output, all else to standard error. Colours and other signs than ASCII are shown where the terminal
has them: \`--color\`, \`NO_COLOR\`, \`TERM\` and the locale say so.

| exit code | what it means |
|---|---|
| 0 | done, or what was waited for is reached |
| 1 | an error, or what was named is not there; of \`diff\`, that there is a difference |
| 2 | the command line cannot be used, and nothing was asked of the cluster |
| 3 | there was nothing to do, and \`--error-unchanged\` was given |
| 4 | the release that was waited for has failed |
| 5 | the release that was waited for needs a person |
| 124 | what was waited for did not come in time |
| 130 | interrupted, as by Ctrl-C |
`;

/** The page of documentation about all commands, as Markdown. */
export function commandsPage(specs: readonly CommandSpec[], globals: readonly Option[]): string {
  const groups = GROUPS.map((group) => [group, specs.filter((spec) => spec.group === group)] as const);
  const sections = groups
    .filter(([, commands]) => commands.length > 0)
    .map(([group, commands]) => `## ${group}\n\n${commands.map(commandSection).join('\n')}`);
  const ofAll = `## Options of every command\n\nThey may stand anywhere after \`kubectl canary\`.\n\n${optionsTable(globals)}`;
  return [INTRODUCTION, ...sections, ofAll].join('\n');
}

function commandSection(spec: CommandSpec): string {
  const { name, summary, description = [], aliases = [], arguments: args = [], options = [], examples } = spec;
  const usage = ['kubectl canary', name, ...args.map(argumentTerm), ...(options.length > 0 ? ['[options]'] : [])];
  const parts = [
    `### ${name}`,
    ['```text', usage.join(' '), '```'].join('\n'),
    prose(summary),
    ...description.map(prose),
    ...(aliases.length > 0 ? [`It is also called ${aliases.map((alias) => `\`${alias}\``).join(' and ')}.`] : []),
    ...(args.length > 0
      ? [
          table(
            'argument',
            args.map((argument) => [argumentTerm(argument), aboutArgument(argument)]),
          ),
        ]
      : []),
    ...(options.some(({ hidden }) => !hidden) ? [optionsTable(options)] : []),
    ['```sh', ...examples.flatMap(({ what, command }) => [`# ${what}`, command]), '```'].join('\n'),
  ];
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`;
}

function optionsTable(options: readonly Option[]): string {
  const shown = options.filter(({ hidden }) => !hidden);
  return table(
    'option',
    shown.map((option) => [option.flags, aboutOption(option)]),
  );
}

function table(title: string, rows: readonly (readonly [term: string, about: string])[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const lines = rows.map(([term, about]) => `| \`${cell(term)}\` | ${cell(prose(about))} |`);
  return `${[`| ${title} | |`, '|---|---|', ...lines].join('\n')}\n`;
}

/** `[name...]`, `<shell>`, as in help. */
function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function aboutArgument({ description, argChoices }: Argument): string {
  return [description, ...choices(argChoices)].join('; ');
}

function aboutOption({ description, argChoices, defaultValue, defaultValueDescription, negate }: Option): string {
  const fallback: unknown = defaultValueDescription ?? (defaultValue === false || negate ? undefined : defaultValue);
  const said = typeof fallback === 'string' || typeof fallback === 'number' ? [`default \`${fallback}\``] : [];
  return [description, ...choices(argChoices), ...said].join('; ');
}

function choices(among: readonly string[] | undefined): readonly string[] {
  return among === undefined ? [] : [`one of ${among.map((choice) => `\`${choice}\``).join(', ')}`];
}

/** Text as it is, where it might be taken for tags or emphasis; what is between backquotes is left alone. */
function prose(text: string): string {
  return text.replaceAll(/`[^`]*`|[<*]/g, (part) => (part.startsWith('`') ? part : `\\${part}`));
}
