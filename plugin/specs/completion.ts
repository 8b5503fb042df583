import { Argument } from 'commander';
import type { CommandSpec } from '../command-spec.ts';

export const completion: CommandSpec = {
  name: 'completion',
  group: 'About',
  summary: 'Print what a shell needs to complete commands, names and options.',
  description: [
    'kubectl completes what is typed after `kubectl canary` with a program kubectl_complete-canary on PATH; ' +
      '`completion kubectl` prints it. The others are for kubectl-canary typed by itself, for the shell that they name.',
  ],
  arguments: [new Argument('<shell>', 'for what').choices(['kubectl', 'bash', 'zsh', 'fish', 'powershell'])],
  examples: [
    {
      what: 'Let kubectl complete, with its own completion in place: a program on PATH',
      command: 'kubectl canary completion kubectl > kubectl_complete-canary && chmod +x kubectl_complete-canary',
    },
    { what: 'Complete kubectl-canary in this bash', command: 'source <(kubectl canary completion bash)' },
  ],
  load: () => import('../commands/completion.ts'),
};
