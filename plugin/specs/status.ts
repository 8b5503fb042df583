import { Argument, InvalidArgumentError, Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';

const lastEvents = () =>
  new Option('--events <number>', 'how many of the last events are shown').default(5).argParser((text: string) => {
    if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('Write a number from 0 to 9999.');
    return Number(text);
  });

const canary = () => new Argument('<name>', 'of the canary');

export const status: CommandSpec = {
  name: 'status',
  group: 'See',
  summary: 'Show on one screen where a release stands, and what it waits for.',
  arguments: [canary()],
  options: [
    new Option('-w, --watch', 'go on until the release has ended, as watch does'),
    lastEvents(),
    new Option('-o, --output <format>', 'json or yaml'),
  ],
  examples: [
    { what: 'Where the release of podinfo stands', command: 'kubectl canary status podinfo' },
    { what: 'The same with more of what happened', command: 'kubectl canary status podinfo --events=20' },
    { what: 'The same for a program', command: 'kubectl canary status podinfo -o json' },
  ],
  load: () => import('../commands/status.ts'),
};

export const watch: CommandSpec = {
  name: 'watch',
  group: 'See',
  summary: 'Follow a release until it has ended.',
  description: [
    'On a terminal it is one screen that is kept up to date; elsewhere a line with a time for each thing that changes. ' +
      'A target that was changed and whose release has not begun yet is waited for.',
    'Exits with 0 when the revision is promoted, or was before; with 4 when the release has failed or was taken back.',
  ],
  arguments: [canary()],
  options: [lastEvents()],
  examples: [{ what: 'Follow the release of podinfo', command: 'kubectl canary watch podinfo' }],
  load: () => import('../commands/watch.ts'),
};
