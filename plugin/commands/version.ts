import { VERSION } from '../../api/version.ts';
import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';

interface VersionFlags {
  readonly client?: boolean;
  readonly output?: 'json' | 'yaml';
}

/** By the names that `kubectl version -o json` has. */
interface Versions {
  readonly clientVersion: string;
  readonly controllerVersion?: string;
  readonly webhookVersion?: string;
  readonly serverVersion?: string;
}

const TITLES: Readonly<Record<keyof Versions, string>> = {
  clientVersion: 'Client Version',
  controllerVersion: 'Controller Version',
  webhookVersion: 'Webhook Version',
  serverVersion: 'Server Version',
};

export async function run(context: Context, _args: Args, { client = false, output }: VersionFlags): Promise<ExitCode> {
  const ours: Versions = { clientVersion: VERSION };
  if (client) {
    context.out.write(await printed(ours, output));
    return EXIT.OK;
  }
  // What is known without the cluster is told also where the cluster cannot be asked.
  if (output === undefined) context.out.write(await printed(ours, output));
  const { installedVersions } = await import('../cluster/installed-versions.ts');
  const theirs = await installedVersions(await context.cluster(), context.signal);
  context.out.write(await printed(output === undefined ? theirs : { ...ours, ...theirs }, output));
  return EXIT.OK;
}

async function printed(versions: Partial<Versions>, output: VersionFlags['output']): Promise<string> {
  switch (output) {
    case undefined:
      return Object.entries(versions)
        .map(([name, version]) => `${TITLES[name as keyof Versions]}: ${version}\n`)
        .join('');
    case 'json':
      return `${JSON.stringify(versions, null, 2)}\n`;
    case 'yaml': {
      const { yamlOf } = await import('../output/yaml-text.ts');
      return yamlOf(versions);
    }
  }
}
