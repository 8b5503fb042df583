import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { layoutOf } from './cluster/layout.ts';
import { type Places, sandboxFolder } from './places.ts';
import { requireLiving } from './sandbox-processes.ts';

/** Where `make build` puts kubectl-canary. */
const PLUGIN = join(import.meta.dirname, '..', '..', 'dist', 'bin');
const FORWARDED = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command inside a sandbox with our own terminal, and gives its exit code (128 + n for signal n, as a shell does).
 *
 * @throws {Failure} when the sandbox is not up
 */
export async function enter(places: Places, name: string, command: readonly string[]): Promise<number> {
  const { init } = requireLiving(places, name);
  const layout = layoutOf(sandboxFolder(places, name));
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: `${layout.bin}:${PLUGIN}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
    KUBECONFIG: layout.adminKubeconfig,
    KUBECTL_CANARY_SANDBOX: name,
  };
  // A proxy of the host's is out of reach in here, and every address is near.
  for (const variable of Object.keys(env)) if (/^(https?|all|no)_proxy$/i.test(variable)) delete env[variable];

  const namespaces = ['--preserve-credentials', '--user', '--net', '--mount', '--pid', '--ipc', '--uts'];
  const args = ['--target', String(init.pid), ...namespaces, `--wdns=${process.cwd()}`, '--', ...command];
  const child = spawn('nsenter', args, { stdio: 'inherit', env });
  // The terminal sends Ctrl-C to the child as well: it is the child's to answer, ours to outlive.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    process.off('SIGINT', ignore);
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}
