import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before } from 'node:test';
import { execa, type Options } from 'execa';
import { bundleProgram } from '../../bundle-program.ts';

export interface InstalledPlugin {
  /** Runs `kubectl canary ARGS`, which may fail. */
  run(args: readonly string[], options?: Options): Promise<Ran>;
  /** Runs kubectl alone in the same way, to compare. */
  kubectl(args: readonly string[]): Promise<Ran>;
  /** Runs it, and throws with its error output when it fails; what it printed. */
  ok(...args: readonly string[]): Promise<string>;
  /** A PATH on which kubectl finds the plugin. */
  path(): string;
}

export interface Ran {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The plugin, built and on PATH as kubectl looks for it, for the tests of a suite. Nobody's colours and sizes are in its way. */
export function installedPlugin(): InstalledPlugin {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-canary-plugin-'));
    await bundleProgram('plugin/main.ts', folder, 'plugin');
    const executable = join(folder, 'kubectl-canary');
    await writeFile(executable, `#!/bin/sh\nexec '${process.execPath}' '${folder}/plugin.mjs' "$@"\n`);
    await chmod(executable, 0o755);
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const path = () => `${folder}${delimiter}${process.env['PATH'] ?? ''}`;

  const run = (args: readonly string[], options: Options = {}) => kubectl(['canary', ...args], options);

  async function kubectl(args: readonly string[], options: Options = {}): Promise<Ran> {
    const { env, ...others } = options;
    const { exitCode, stdout, stderr } = await execa('kubectl', args, {
      ...{ reject: false, timeout: 120_000, stripFinalNewline: false, ...others },
      env: { LC_ALL: 'C.UTF-8', TERM: 'xterm', NO_COLOR: '', COLUMNS: '', ...env, PATH: path() },
    });
    return { exitCode, stdout: String(stdout ?? ''), stderr: String(stderr ?? '') };
  }

  return {
    ...{ run, path, kubectl },
    async ok(...args) {
      const { exitCode, stdout, stderr } = await run(args);
      if (exitCode !== 0) throw new Error(`kubectl canary ${args.join(' ')} exited with ${exitCode}: ${stderr}`);
      return stdout;
    },
  };
}
