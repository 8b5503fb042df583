import { Argument, Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { allNamespaces, collect, outputFormat, selector } from './common-options.ts';

export const get: CommandSpec = {
  name: 'get',
  aliases: ['list'],
  group: 'See',
  summary: 'List canaries, with where their releases stand.',
  arguments: [new Argument('[name...]', 'canaries (default: all)')],
  options: [
    allNamespaces(),
    selector(),
    outputFormat(),
    new Option('-w, --watch', 'go on with what changes'),
    new Option('--watch-only', 'only what changes from now on'),
    new Option('--no-headers', 'leave out the titles of the columns'),
    new Option('--status <phases>', 'only canaries in one of these phases, such as Progressing,Failed').argParser(
      collect,
    ),
    new Option('-L, --label-columns <labels>', 'a column for each of these labels').argParser(collect),
    new Option('--show-labels', 'a column with all labels'),
    new Option('--ignore-not-found', 'exit with 0 where one that is named is not there'),
  ],
  examples: [
    { what: 'All canaries of the namespace', command: 'kubectl canary get' },
    {
      what: 'Those of all namespaces whose releases are under way',
      command: 'kubectl canary get -A --status Progressing',
    },
    {
      what: 'The revision that each primary runs',
      command: 'kubectl canary get -o custom-columns=NAME:.metadata.name,PRIMARY:.status.lastPromotedSpec',
    },
    { what: 'One of them, whole', command: 'kubectl canary get podinfo -o yaml' },
  ],
  load: () => import('../commands/get.ts'),
};
