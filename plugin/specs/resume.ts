import { Argument } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { answeredOptions } from './decision-options.ts';

export const resume: CommandSpec = {
  name: 'resume',
  group: 'Decide',
  summary: 'Let a paused release go on.',
  description: ['It goes on at the step at which it was paused.'],
  arguments: [new Argument('[name...]', 'canaries')],
  options: [...answeredOptions()],
  examples: [
    { what: 'One of them', command: 'kubectl canary resume podinfo' },
    { what: 'All that are paused in a namespace', command: 'kubectl canary resume --all -n shop' },
  ],
  load: () => import('../commands/resume.ts'),
};
