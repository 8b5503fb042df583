import type { CommandSpec } from '../command-spec.ts';
import { answeredOptions } from './decision-options.ts';
import { GATE_DESCRIPTION, gateArguments, gateOption } from './gate-arguments.ts';

export const approve: CommandSpec = {
  name: 'approve',
  group: 'Decide',
  summary: 'Open a gate at which a release waits for a person.',
  description: [
    GATE_DESCRIPTION,
    'It is open for this release alone, and may be opened before it is reached. For five seconds after an approval, one without the name of its gate is the same press.',
  ],
  arguments: gateArguments(),
  options: [gateOption(), ...answeredOptions()],
  examples: [
    { what: 'The gate that podinfo waits at', command: 'kubectl canary approve podinfo' },
    { what: 'The gate qa of two canaries', command: 'kubectl canary approve qa podinfo web' },
  ],
  load: () => import('../commands/approve.ts'),
};
