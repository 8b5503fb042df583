import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transport } from '../../../kube/transport/transport.ts';
import { proxyKubeconfig } from '../kube/proxy-kubeconfig.ts';
import { freeLease } from './free-lease.ts';
import type { WriteProxy } from './write-proxy.ts';

const LEASE = 'controller';
const METRICS_SERVER = 'http://prometheus.monitoring:9090';
/** Enough to see what the last lives said. */
const MAX_LOG = 400;

/** A controller of one namespace, as a process of its own that is killed and comes back. */
export interface MortalController {
  /** 1 is the first. */
  readonly life: number;
  /** SIGKILL; once it is dead another is started, which may lead at once. */
  killAndRestart(): Promise<void>;
  /** The last lines that it has logged, in all of its lives. */
  log(): readonly string[];
  /** Rejects when it ends by itself. */
  readonly failed: Promise<never>;
  end(): Promise<void>;
}

export interface MortalOptions {
  /** The bundled controller, in a folder where a kubeconfig can be written. */
  readonly program: string;
  readonly folder: string;
  readonly namespace: string;
  readonly connection: WriteProxy['connection'];
  /** Past the proxy. */
  readonly server: Transport;
}

export async function startMortalController(options: MortalOptions): Promise<MortalController> {
  const { program, folder, namespace, connection, server } = options;
  const kubeconfig = join(folder, `${namespace}.kubeconfig`);
  await writeFile(kubeconfig, proxyKubeconfig(connection, namespace));
  const args = ['--port=0', `--namespace=${namespace}`, `--metrics-server=${METRICS_SERVER}`];
  const lease = [`--lease-namespace=${namespace}`, `--lease-name=${LEASE}`];
  const lines: string[] = [];
  let life = 0;
  let isExpected = false;
  let isOver = false;
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  function keep(text: string): void {
    lines.push(...text.split('\n').filter((line) => line !== ''));
    lines.splice(0, lines.length - MAX_LOG);
  }

  function born(): ChildProcess {
    life++;
    // What is for this process, such as a loader of TypeScript, is not for that one.
    const env = { ...process.env, NODE_OPTIONS: '', KUBECONFIG: kubeconfig };
    const child = spawn(process.execPath, [program, ...args, ...lease], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);
    child.once('exit', (code, signal) => {
      if (!isExpected) fail(new Error(`the controller ended by itself, by ${signal ?? code}:\n${lines.join('\n')}`));
    });
    return child;
  }

  async function kill(): Promise<void> {
    isExpected = true;
    const died = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await died;
  }

  await freeLease(server, namespace, LEASE);
  let child = born();
  return {
    failed,
    get life() {
      return life;
    },
    async killAndRestart() {
      await kill();
      await freeLease(server, namespace, LEASE);
      if (isOver) return;
      isExpected = false;
      child = born();
    },
    log: () => lines,
    async end() {
      isOver = true;
      await kill();
      await rm(kubeconfig, { force: true });
    },
  };
}
