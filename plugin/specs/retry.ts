import { Argument } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { answeredOptions } from './decision-options.ts';

export const retry: CommandSpec = {
  name: 'retry',
  group: 'Decide',
  summary: 'Try a revision again whose release has failed or was aborted.',
  description: ['From the beginning, with its gates and checks.'],
  arguments: [new Argument('[name...]', 'canaries')],
  options: [...answeredOptions()],
  examples: [
    { what: 'Try it again', command: 'kubectl canary retry podinfo' },
    { what: 'All of a team whose releases have failed', command: 'kubectl canary retry -l team=shop' },
  ],
  load: () => import('../commands/retry.ts'),
};
