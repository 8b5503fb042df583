import type { CommandSpec } from '../command-spec.ts';
import { answeredOptions } from './decision-options.ts';
import { GATE_DESCRIPTION, gateArguments, gateOption } from './gate-arguments.ts';

export const reject: CommandSpec = {
  name: 'reject',
  group: 'Decide',
  summary: 'Refuse a gate at which a release waits for a person: the release has failed.',
  description: [GATE_DESCRIPTION, 'All traffic goes to the primary. Retry has the revision tried again.'],
  arguments: gateArguments(),
  options: [gateOption(), ...answeredOptions()],
  examples: [
    { what: 'Not today', command: 'kubectl canary reject qa podinfo --reason "not today"' },
    { what: 'The gate that podinfo waits at', command: 'kubectl canary reject podinfo' },
  ],
  load: () => import('../commands/reject.ts'),
};
