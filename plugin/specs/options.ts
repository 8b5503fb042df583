import type { CommandSpec } from '../command-spec.ts';

export const options: CommandSpec = {
  name: 'options',
  group: 'About',
  summary: 'List the options of every command.',
  examples: [{ what: 'What may stand with every command', command: 'kubectl canary options' }],
  load: () => import('../commands/options.ts'),
};
