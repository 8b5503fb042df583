import { Argument, Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { filename, meshProvider, recursive } from './manifest-options.ts';

export const plan: CommandSpec = {
  name: 'plan',
  group: 'Prepare',
  summary: 'Show what a canary would do with the next change of its target.',
  description: [
    'The controller’s own decisions are made on a clock that runs as fast as it can: each step with its earliest time, what is checked and who is asked, the shortest time to promotion, how long one that is bad serves users and how many of the requests it gets.',
    'With -f no cluster is needed. What would be refused is shown as by lint, and it exits with 1.',
  ],
  arguments: [new Argument('[name...]', 'canaries in the cluster')],
  options: [
    filename(),
    recursive(),
    new Option('-o, --output <format>', 'in place of a table').choices(['json', 'yaml']),
    meshProvider(),
  ],
  examples: [
    { what: 'What a canary in the cluster would do', command: 'kubectl canary plan podinfo' },
    { what: 'What one would do that is not there yet', command: 'kubectl canary plan -f canary.yaml' },
  ],
  load: () => import('../commands/plan.ts'),
};
