import type { Argument, Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { PHASES } from '../phases.ts';

/** What may stand at the end of a command line that is being typed. */
export interface CompletionPoint {
  readonly wanted: readonly Wanted[];
  /** What of it is typed already. */
  readonly prefix: string;
  /** The global options that stand before it, with their values, as they were typed. */
  readonly global: readonly string[];
  /** The arguments that stand before it, without the names of the command. */
  readonly typed: readonly string[];
}

export type Wanted =
  | { readonly kind: 'words'; readonly words: readonly Candidate[] }
  /** Names of objects, and of entries of the kubeconfig. */
  | { readonly kind: 'canaries' | 'gates' | 'namespaces' | 'contexts' | 'clusters' | 'users' }
  | { readonly kind: 'files' };

export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** A word that stands for what is typed next to it in another place, by what it is called there. */
const VALUES: Readonly<Record<string, Wanted>> = {
  namespace: { kind: 'namespaces' },
  context: { kind: 'contexts' },
  cluster: { kind: 'clusters' },
  user: { kind: 'users' },
  gate: { kind: 'gates' },
  status: { kind: 'words', words: PHASES.map((phase) => ({ word: phase })) },
};
const FORMATS = ['wide', 'json', 'yaml', 'name', 'jsonpath=', 'custom-columns='];

/**
 * What is being typed at the end of `words`, which stand after `kubectl canary`; the last of them may be empty.
 *
 * @param globals the options that every command has
 */
export function completionPoint(
  words: readonly string[],
  specs: readonly CommandSpec[],
  globals: readonly Option[],
): CompletionPoint {
  const prefix = words.at(-1) ?? '';
  const { names, args, global, awaiting, isEnded } = read(words.slice(0, -1), specs, globals);
  const spec = specs.find(({ name }) => name === names.join(' '));
  const known = [...(spec?.options ?? []), ...globals];
  const point = (wanted: readonly Wanted[], typedPart = prefix): CompletionPoint => ({
    ...{ wanted, global, prefix: typedPart, typed: args },
  });
  if (awaiting !== undefined) return point(valuesOf(awaiting));
  if (!isEnded && prefix.startsWith('-')) {
    const [name = '', ...value] = prefix.split('=');
    const option = known.find(({ long, short }) => long === name || short === name);
    if (value.length > 0) return point(option === undefined ? [] : valuesOf(option), value.join('='));
    const shown = known.filter(({ hidden }) => !hidden);
    return point([{ kind: 'words', words: shown.map(({ long, description }) => word(long ?? '', description)) }]);
  }
  if (spec !== undefined && names[0] !== 'help') return point(argumentsOf(spec.arguments ?? [], args));
  return point([
    {
      kind: 'words',
      words: commandWords(
        names.filter((name) => name !== 'help'),
        args,
        specs,
      ),
    },
  ]);
}

interface Read {
  readonly names: readonly string[];
  readonly args: readonly string[];
  readonly global: readonly string[];
  /** The option whose value comes next. */
  readonly awaiting: Option | undefined;
  /** After `--` there are no more options. */
  readonly isEnded: boolean;
}

function read(words: readonly string[], specs: readonly CommandSpec[], globals: readonly Option[]): Read {
  const [names, args, global]: [string[], string[], string[]] = [[], [], []];
  let awaiting: Option | undefined;
  let isEnded = false;
  for (const typed of words) {
    const spec = specs.find(({ name }) => name === names.join(' '));
    if (awaiting !== undefined) {
      if (globals.includes(awaiting)) global.push(typed);
      awaiting = undefined;
    } else if (!isEnded && typed === '--') {
      isEnded = true;
    } else if (!isEnded && typed.startsWith('-') && typed !== '-') {
      const [name = ''] = typed.split('=', 1);
      const options = [...(spec?.options ?? []), ...globals];
      const option = options.find(({ long, short }) => long === name || short === name);
      if (option?.required === true && name === typed) awaiting = option;
      if (option !== undefined && globals.includes(option)) global.push(typed);
    } else if (spec === undefined) {
      names.push(namedBy([...names, typed].join(' '), specs) ?? typed);
    } else {
      args.push(typed);
    }
  }
  return { names, args, global, awaiting, isEnded };
}

/** The last word of the command that has this name, or this other name. */
function namedBy(name: string, specs: readonly CommandSpec[]): string | undefined {
  return specs
    .find(({ aliases = [] }) => aliases.includes(name))
    ?.name.split(' ')
    .at(-1);
}

function valuesOf(option: Option): readonly Wanted[] {
  if (option.argChoices !== undefined)
    return [{ kind: 'words', words: option.argChoices.map((choice) => word(choice)) }];
  const named = VALUES[option.name()];
  if (named !== undefined) return [named];
  if (option.name() === 'output') {
    // Which of them a command knows stands in its help.
    const said = option.description.split(/[ ,]+/);
    const formats = FORMATS.filter((format) =>
      said.some((text) => text === format || (format.endsWith('=') && text.startsWith(format))),
    );
    return [{ kind: 'words', words: formats.map((format) => word(format)) }];
  }
  return /<(file|folder)>/.test(option.flags) ? [{ kind: 'files' }] : [];
}

function argumentsOf(all: readonly Argument[], args: readonly string[]): readonly Wanted[] {
  const argument = all[Math.min(args.length, all.length - 1)];
  if (argument === undefined || (args.length >= all.length && !argument.variadic)) return [];
  if (argument.argChoices !== undefined) {
    return [{ kind: 'words', words: argument.argChoices.map((choice) => word(choice)) }];
  }
  const name = argument.name();
  // A gate may be left out, where a canary waits at one alone.
  if (name === 'gate') return argument.required ? [{ kind: 'gates' }] : [{ kind: 'canaries' }, { kind: 'gates' }];
  return /^(name|canary)/.test(name) ? [{ kind: 'canaries' }] : [];
}

/** The next words of all commands that begin with these, once each. */
function commandWords(
  names: readonly string[],
  args: readonly string[],
  specs: readonly CommandSpec[],
): readonly Candidate[] {
  if (args.length > 0) return [];
  const found = new Map<string, Candidate>();
  for (const { name, summary, group } of specs) {
    const words = name.split(' ');
    const next = words[names.length];
    if (next === undefined || !names.every((typed, index) => typed === words[index]) || found.has(next)) continue;
    found.set(next, word(next, words.length === names.length + 1 ? summary : `${group}: several commands.`));
  }
  return [...found.values()];
}

function word(text: string, about?: string): Candidate {
  return { word: text, ...(about !== undefined && { about }) };
}
