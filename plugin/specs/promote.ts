import { Argument, InvalidArgumentError, Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { answeredOptions } from './decision-options.ts';

export const promote: CommandSpec = {
  name: 'promote',
  group: 'Decide',
  summary: 'Let a release go on to its next step, or to the end.',
  description: [
    'Goes on from the step that is seen now as if it had passed, and from the last step to the promotion. Checks are left out; gates are not, which approve opens. Pods that are not ready get no traffic.',
    'To press twice is to press once: where the release has gone on meanwhile, and for five seconds after a step, it is unchanged. With --to-step the step that is meant is named, and that holds at once.',
  ],
  arguments: [new Argument('[name...]', 'canaries')],
  options: [
    new Option('--full', 'leave out all steps and checks that are left').conflicts('toStep'),
    new Option('--to-step <number>', 'go on to this step; 1 is the first').argParser((text) => step(text, 1)),
    new Option('--expect-step <number>', 'only when it is at this step').argParser((text) => step(text, 0)),
    ...answeredOptions(),
  ],
  examples: [
    { what: 'One step further', command: 'kubectl canary promote podinfo' },
    { what: 'To the third step', command: 'kubectl canary promote podinfo --to-step 3' },
    {
      what: 'To the end, without the checks that are left',
      command: 'kubectl canary promote podinfo --full --reason "tested by hand"',
    },
  ],
  load: () => import('../commands/promote.ts'),
};

function step(text: string, min: number): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) < min) {
    throw new InvalidArgumentError(`Write the number of a step, from ${min} on.`);
  }
  return Number(text);
}
