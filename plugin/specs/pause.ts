import { Argument } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { answeredOptions } from './decision-options.ts';

export const pause: CommandSpec = {
  name: 'pause',
  group: 'Decide',
  summary: 'Hold a release at its step, until it is resumed.',
  description: [
    'Traffic stays as it is, and nothing is measured. What keeps users from harm goes on. It is a pause of this release: another revision begins unpaused.',
  ],
  arguments: [new Argument('[name...]', 'canaries')],
  options: [...answeredOptions()],
  examples: [
    { what: 'Hold it over lunch', command: 'kubectl canary pause podinfo --reason lunch' },
    { what: 'All releases that are under way in a namespace', command: 'kubectl canary pause --all -n shop' },
  ],
  load: () => import('../commands/pause.ts'),
};
