import { Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { waitTime } from './wait-time.ts';

export const check: CommandSpec = {
  name: 'check',
  group: 'Prepare',
  summary: 'Look whether everything is installed, works, and may be used by you.',
  description: [
    'Versions, definitions, controller and webhook, who leads, certificates, a round trip through admission that writes nothing, your rights and the controller’s, what the providers need, and the metrics server. Each line that is not right says what to do.',
    'Exits with 1 where something is wrong; what could not be asked is not wrong.',
  ],
  options: [
    new Option('--pre', 'look whether it can be installed'),
    new Option('--wait <time>', 'look again until nothing is wrong, for so long').argParser(waitTime),
    new Option('-o, --output <format>', 'in place of lines').choices(['json', 'yaml']),
  ],
  examples: [
    { what: 'After an installation, until it is ready', command: 'kubectl canary check --wait 2m' },
    { what: 'Before one', command: 'kubectl canary check --pre' },
  ],
  load: () => import('../commands/check.ts'),
};
