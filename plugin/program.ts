import { Command, Option } from 'commander';
import type { Args, CommandSpec } from './command-spec.ts';
import { type GlobalFlags, globalOptions } from './global-options.ts';

/** What the command line asks for. */
export interface Call {
  readonly spec: CommandSpec;
  readonly args: Args;
  readonly flags: object;
  readonly global: GlobalFlags;
}

export interface ProgramOptions {
  readonly specs: readonly CommandSpec[];
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  /** Of the screen, for help. */
  readonly columns: number;
  /** Called with what is asked for, unless it is help. */
  readonly onCall: (call: Call) => void;
}

/** How the plugin is typed. */
const PROGRAM = 'kubectl canary';

const HELP_AFTER = `
About one of them: ${PROGRAM} COMMAND --help
The options of every command: ${PROGRAM} options`;

/** Commands by the word that stands before theirs, such as `set` before `image`. */
const PARENTS: Readonly<Record<string, string>> = { set: 'Change a target.' };

/** The commands as commander knows them. Nothing of what they do is loaded. */
export function createProgram({ specs, writeOut, writeErr, columns, onCall }: ProgramOptions): Command {
  const program = new Command(PROGRAM)
    .description('See why a release stands where it stands, and decide.')
    .addHelpCommand(
      new Command('help').argument('[command]').description('Show help of a command.').helpGroup('About:'),
    )
    // As with kubectl, those of every command are not in each help, and everybody knows --help.
    .addHelpOption(new Option('-h, --help', 'show help').hideHelp())
    .addHelpText('after', () => HELP_AFTER)
    .configureHelp({ subcommandTerm: (command) => command.name(), showGlobalOptions: false })
    .configureOutput({
      ...{ writeOut, writeErr },
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      outputError: (text, write) => write(text),
    })
    .showHelpAfterError(`See '${PROGRAM} --help'.`)
    .showSuggestionAfterError()
    .exitOverride();
  for (const option of globalOptions()) program.addOption(option.hideHelp());
  const parents = new Map<string, Command>();
  for (const spec of specs) {
    const words = spec.name.split(' ');
    const [first = '', second] = words;
    const parent = second === undefined ? program : (parents.get(first) ?? addParent(program, first));
    if (second !== undefined) parents.set(first, parent);
    parent.addCommand(commandOf(spec, second ?? first, onCall).copyInheritedSettings(program));
  }
  return program;
}

function addParent(program: Command, name: string): Command {
  return program
    .command(name)
    .description(PARENTS[name] ?? '')
    .helpGroup('Decide:');
}

function commandOf(spec: CommandSpec, name: string, onCall: (call: Call) => void): Command {
  const { aliases = [], group, summary, description = [] } = spec;
  const command = new Command(name)
    .aliases(aliases)
    .summary(summary)
    .description([summary, ...description].join('\n\n'))
    .helpGroup(`${group}:`)
    .addHelpText('after', () => helpAfter(spec))
    .action((...call: unknown[]) => {
      const args = call.slice(0, spec.arguments?.length ?? 0) as Args;
      const all = command.optsWithGlobals<GlobalFlags>();
      onCall({ spec, args, flags: command.opts<object>(), global: all });
    });
  for (const argument of spec.arguments ?? []) command.addArgument(argument);
  for (const option of spec.options ?? []) command.addOption(option);
  return command;
}

function helpAfter({ examples }: CommandSpec): string {
  const lines = examples.map(({ what, command }) => `  # ${what}\n  ${command}`);
  return `\nExamples:\n${lines.join('\n\n')}\n\nThe options of every command: ${PROGRAM} options`;
}
