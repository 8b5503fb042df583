// What explains one release in more than its status.
import { Argument, Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { outputFormat } from './common-options.ts';

const canary = () => new Argument('<name>', 'of the canary');
/** A list that takes no argument for one of its own, as one of commander's would. */
const listed = (text: string, before: readonly string[] = []): readonly string[] => [...before, ...text.split(',')];
const documentFormat = () => new Option('-o, --output <format>', 'json or yaml');

export const why: CommandSpec = {
  name: 'why',
  aliases: ['explain'],
  group: 'See',
  summary: 'Say what holds a release or why it failed, and what to do about it.',
  arguments: [canary()],
  examples: [{ what: 'Why podinfo does not go on', command: 'kubectl canary why podinfo' }],
  load: () => import('../commands/why.ts'),
};

export const analysis: CommandSpec = {
  name: 'analysis',
  group: 'See',
  summary: 'Show what the checks of a release have measured.',
  arguments: [canary()],
  options: [
    new Option('--metric <name>', 'only this check; may be repeated, or several with commas').argParser(listed),
    documentFormat(),
  ],
  examples: [
    { what: 'The last measurements of each check', command: 'kubectl canary analysis podinfo' },
    { what: 'Those of one check', command: 'kubectl canary analysis podinfo --metric request-success-rate' },
    { what: 'The same for a program', command: 'kubectl canary analysis podinfo -o json' },
  ],
  load: () => import('../commands/analysis.ts'),
};

export const events: CommandSpec = {
  name: 'events',
  group: 'See',
  summary: 'List what was told about a canary, oldest first.',
  arguments: [canary()],
  options: [
    new Option('--types <types>', 'only events of these types, with commas between: Normal,Warning').argParser(listed),
    new Option('-w, --watch', 'go on with what is told'),
    outputFormat(),
    new Option('--no-headers', 'leave out the titles of the columns'),
  ],
  examples: [
    { what: 'What happened to podinfo', command: 'kubectl canary events podinfo' },
    { what: 'Only what went wrong', command: 'kubectl canary events podinfo --types=Warning' },
  ],
  load: () => import('../commands/events.ts'),
};

export const tree: CommandSpec = {
  name: 'tree',
  group: 'See',
  summary: 'Show the objects that belong to a canary.',
  description: ['What the caller may not read is said where it would stand.'],
  arguments: [canary()],
  options: [documentFormat()],
  examples: [
    { what: 'What there is of podinfo', command: 'kubectl canary tree podinfo' },
    { what: 'The same for a program', command: 'kubectl canary tree podinfo -o json' },
  ],
  load: () => import('../commands/tree.ts'),
};
