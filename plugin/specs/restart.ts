import { Argument } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { decisionOptions } from './decision-options.ts';

export const restart: CommandSpec = {
  name: 'restart',
  group: 'Decide',
  summary: 'Release the target as it is once more, with new pods.',
  description: [
    'As kubectl rollout restart does it. The new pods go through the steps and checks of a release, and replace the old ones when it is promoted. While a restart is under way, another is unchanged.',
  ],
  arguments: [new Argument('[name...]', 'canaries')],
  options: [...decisionOptions()],
  examples: [
    { what: 'New pods for podinfo', command: 'kubectl canary restart podinfo' },
    { what: 'For all canaries of a namespace', command: 'kubectl canary restart --all -n shop' },
  ],
  load: () => import('../commands/restart.ts'),
};
