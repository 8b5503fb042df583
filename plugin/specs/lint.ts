import { Option } from 'commander';
import type { CommandSpec } from '../command-spec.ts';
import { filename, meshProvider, recursive } from './manifest-options.ts';

export const lint: CommandSpec = {
  name: 'lint',
  group: 'Prepare',
  summary: 'Say of manifests what the cluster would say of them, without one.',
  description: [
    'Canaries, metric templates, alert providers and actions are held against the rules of admission, each by itself and beside the others in the files. Objects of other kinds are passed over. What only a cluster knows, such as whether a target is there, is not asked.',
    'Exits with 1 where something would be refused.',
  ],
  options: [
    filename(),
    recursive(),
    new Option('-o, --output <format>', 'how findings are printed; github is annotations of a workflow')
      .choices(['text', 'json', 'github'])
      .default('text'),
    new Option('--fail-on <severity>', 'what it exits with 1 for').choices(['error', 'warning']).default('error'),
    meshProvider(),
  ],
  examples: [
    { what: 'All manifests below a folder', command: 'kubectl canary lint -f deploy/' },
    { what: 'What another program has made', command: 'kubectl canary lint -f - < canary.yaml' },
    {
      what: 'In a workflow of GitHub, where warnings count too',
      command: 'kubectl canary lint -f deploy/ -o github --fail-on warning',
    },
  ],
  load: () => import('../commands/lint.ts'),
};
