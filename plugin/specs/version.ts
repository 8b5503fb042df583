import { Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';

export const version: CommandSpec = {
  name: 'version',
  group: 'About',
  summary: 'Print the versions of the plugin, and of what is installed.',
  options: [
    new Option('--client', 'only the plugin’s, without a cluster'),
    new Option('-o, --output <format>', 'in place of lines').choices(['json', 'yaml']),
  ],
  examples: [
    { what: 'Of everything', command: 'kubectl canary version' },
    { what: 'Of the plugin alone', command: 'kubectl canary version --client -o json' },
  ],
  load: () => import('../commands/version.ts'),
};
