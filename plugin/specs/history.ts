import { Argument, Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';

const canary = () => new Argument('<name>', 'of the canary');

export const history: CommandSpec = {
  name: 'history',
  group: 'See',
  summary: 'List the releases of a canary, newest first.',
  description: [
    'The number is that of the pod template that is kept, counted from the oldest: undo and diff take it. STARTED is how long ago. BY is who decided how it ended, or else whose change it was.',
  ],
  arguments: [canary()],
  options: [
    new Option('--revision <revision>', 'only this one, with its pod template: its number, or how it begins'),
    new Option('-o, --output <format>', 'wide, json or yaml'),
    new Option('--no-headers', 'leave out the titles of the columns'),
  ],
  examples: [
    { what: 'The releases of podinfo', command: 'kubectl canary history podinfo' },
    { what: 'The oldest that is kept, with its pod template', command: 'kubectl canary history podinfo --revision 1' },
    { what: 'The same for a program', command: 'kubectl canary history podinfo -o json' },
  ],
  load: () => import('../commands/history.ts'),
};

export const diff: CommandSpec = {
  name: 'diff',
  group: 'See',
  summary: 'Show what the target changes of the pod template that was promoted.',
  description: [
    'Exits with 0 where nothing differs, 1 where something does, and more on an error. KUBECTL_EXTERNAL_DIFF is the program that is asked in place of a unified diff, as for kubectl diff.',
  ],
  arguments: [canary()],
  options: [
    new Option('--revision <revision>', 'a kept revision in place of the target: its number, or how it begins'),
  ],
  examples: [
    { what: 'What a release of podinfo changes', command: 'kubectl canary diff podinfo' },
    {
      what: 'What going back to the oldest revision would change',
      command: 'kubectl canary diff podinfo --revision 1',
    },
  ],
  load: () => import('../commands/diff.ts'),
};
