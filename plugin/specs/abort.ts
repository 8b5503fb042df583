import { Argument } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { answeredOptions } from './decision-options.ts';

export const abort: CommandSpec = {
  name: 'abort',
  group: 'Decide',
  summary: 'End a release, and give all traffic to the primary.',
  description: [
    'In every phase, also while it is being promoted. The target keeps the revision that was aborted: retry has it tried again, undo goes back to the promoted one.',
  ],
  arguments: [new Argument('[name...]', 'canaries')],
  options: [...answeredOptions()],
  examples: [
    { what: 'End it, and say why', command: 'kubectl canary abort podinfo --reason "too many errors"' },
    { what: 'All releases that are under way in a namespace', command: 'kubectl canary abort --all -n shop' },
  ],
  load: () => import('../commands/abort.ts'),
};
