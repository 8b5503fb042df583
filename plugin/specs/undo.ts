import { Argument, Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { decisionOptions } from './decision-options.ts';

export const undo: CommandSpec = {
  name: 'undo',
  group: 'Decide',
  summary: 'Give the target an earlier pod template again.',
  description: [
    'While a release is under way or has failed, the promoted one; else the one that was promoted before it. The last ten revisions of a canary are kept.',
    'To go back to what the primary runs releases nothing; to any other revision it is a release as every other, with its steps and checks. ConfigMaps and Secrets are left as they are.',
  ],
  arguments: [new Argument('[name...]', 'canaries')],
  options: [
    new Option('--to-revision <revision>', 'by the number or the revision that history shows, six characters at least'),
    ...decisionOptions(),
  ],
  examples: [
    { what: 'Back to what is promoted, or was before', command: 'kubectl canary undo podinfo' },
    { what: 'To the oldest revision that is kept', command: 'kubectl canary undo podinfo --to-revision 1' },
  ],
  load: () => import('../commands/undo.ts'),
};
