import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultProxy } from '../kube/fault-proxy.ts';
import { proxyKubeconfig } from '../kube/proxy-kubeconfig.ts';

/** A controller of one namespace, as a process beside the cluster that is started again when it ends, as a kubelet does. */
export interface OwnController {
  signal(signal: 'SIGSTOP' | 'SIGCONT' | typeof CLOCK_JUMP): void;
  /** Whether the process that there is has become the leader. */
  readonly leads: boolean;
  /** What it has logged, also before it ended. */
  readonly log: string;
  /** Of those that have ended by themselves. */
  readonly exitCodes: readonly (number | null)[];
  /** Ends it, frozen or not. */
  end(): Promise<void>;
}

export interface OwnControllerOptions {
  /** With the bundled `controller` and `jumping-clock`; a kubeconfig is written there. */
  readonly folder: string;
  /** Of several of a namespace, which one. */
  readonly index: number;
  readonly namespace: string;
  /** In place of the API server. */
  readonly proxy?: FaultProxy | undefined;
  /** By how much its clock is to jump. */
  readonly jumpMs: number;
}

/** At which the time of day jumps, of the controller alone; it stays so when it is started again. */
export const CLOCK_JUMP = 'SIGUSR2';

export async function startOwnController(options: OwnControllerOptions): Promise<OwnController> {
  const { folder, index, namespace, proxy, jumpMs } = options;
  const kubeconfig = join(folder, `${namespace}-${index}.kubeconfig`);
  if (proxy !== undefined) await writeFile(kubeconfig, proxyKubeconfig(proxy.connection, namespace));
  const args = ['--port=0', `--namespace=${namespace}`, `--lease-namespace=${namespace}`, '--lease-name=controller'];
  const logs: string[] = [];
  const exitCodes: (number | null)[] = [];
  let [hasJumped, isOver] = [false, false];

  function born(): ChildProcess {
    const env = {
      ...{ ...process.env, NODE_OPTIONS: '', CLOCK_JUMP_MS: String(jumpMs) },
      ...(hasJumped && { CLOCK_JUMPED: 'yes' }),
      ...(proxy !== undefined && { KUBECONFIG: kubeconfig }),
    };
    const programs = ['--import', join(folder, 'jumping-clock.mjs'), join(folder, 'controller.mjs')];
    const started = spawn(process.execPath, [...programs, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const log = logs.push('') - 1;
    for (const stream of [started.stdout, started.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (logs[log] += text));
    started.once('exit', (code) => {
      if (isOver) return;
      exitCodes.push(code);
      child = born();
    });
    return started;
  }

  let child = born();
  return {
    exitCodes,
    signal(signal) {
      hasJumped ||= signal === CLOCK_JUMP;
      child.kill(signal);
    },
    get leads() {
      return logs.at(-1)?.includes('"msg":"leading"') === true;
    },
    get log() {
      return logs.join('');
    },
    async end() {
      isOver = true;
      const ended = child.exitCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGKILL');
      await ended;
    },
  };
}
