import { Argument } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { decisionOptions } from './decision-options.ts';

export const setImage: CommandSpec = {
  name: 'set image',
  group: 'Decide',
  summary: 'Change images of the target, which is a release.',
  description: ['As kubectl set image does it; *=IMAGE is all containers, with the init containers.'],
  arguments: [new Argument('[name-or-image...]', 'canaries, and CONTAINER=IMAGE of each container that changes')],
  options: [...decisionOptions()],
  examples: [
    {
      what: 'Release another version',
      command: 'kubectl canary set image podinfo podinfo=ghcr.io/stefanprodan/podinfo:6.9.1',
    },
    {
      what: 'See what the API server would make of it',
      command: 'kubectl canary set image podinfo *=ghcr.io/stefanprodan/podinfo:6.9.1 --dry-run=server -o yaml',
    },
  ],
  load: () => import('../commands/set-image.ts'),
};
