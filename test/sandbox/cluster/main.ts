import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../kube/clock.ts';
import { silentLog } from '../../../kube/log.ts';
import { type Connection, fixedConnection } from '../../../kube/transport/connection.ts';
import { createTransport, type Transport } from '../../../kube/transport/transport.ts';
import type { KubeletConfig } from '../kubelet/config.ts';
import { addonManifests, waitForAddons } from './addons.ts';
import { ADDRESSES } from './addresses.ts';
import { createApplier } from './apply.ts';
import { writeCertificates } from './certificates.ts';
import { keepRunning } from './component.ts';
import { controlPlane } from './control-plane.ts';
import { type Layout, layoutOf } from './layout.ts';
import { useLegacyIptables } from './legacy-iptables.ts';
import { setUpNetwork } from './network.ts';
import { enforcerCommand, handNewConnectionsOver } from './network-policies.ts';
import { retry } from './retry.ts';
import { type SandboxState, writeJson } from './state.ts';

/** What `up` hands over, as the one argument, in JSON. */
export interface ClusterOptions {
  readonly folder: string;
  /** Program name -> file. */
  readonly programs: Readonly<Record<string, string>>;
  /** Name of a program -> file of the manifests that came with it. */
  readonly manifests: Readonly<Record<string, string>>;
  readonly with: readonly string[];
  /** Whether the end of standard input is the end of the sandbox: `run` dies without a word when it is killed. */
  readonly attached: boolean;
  /** The options of node that make it run TypeScript. */
  readonly nodeOptions: readonly string[];
}

/**
 * The first program inside the namespaces: brings the cluster up, keeps its components running, and ends on SIGTERM.
 */
async function main(options: ClusterOptions): Promise<void> {
  const layout = layoutOf(options.folder);
  const startedAt = Date.now();
  const stopping = new AbortController();
  const stop = () => stopping.abort(new Error('the sandbox is going down'));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (options.attached) process.stdin.resume().once('end', stop).once('close', stop);

  const report = (state: Pick<SandboxState, 'phase' | 'message'> & Partial<SandboxState>) =>
    writeJson(layout.state, { startedAt, with: options.with, ...state } satisfies SandboxState);

  try {
    await bringUp(options, layout, report, stopping.signal);
    report({ phase: 'ready', message: 'ready', readyAfterMs: Date.now() - startedAt });
    await new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve(), { once: true }));
  } catch (error) {
    if (!stopping.signal.aborted) {
      report({ phase: 'failed', message: explain(error) });
      process.exitCode = 1;
    }
  }
  // All that is here is thrown away: the kernel ends every process with the first one, which ends with us.
  process.exit();
}

async function bringUp(
  options: ClusterOptions,
  layout: Layout,
  report: (state: Pick<SandboxState, 'phase' | 'message'>) => void,
  signal: AbortSignal,
): Promise<void> {
  const starting = (message: string) => report({ phase: 'starting', message });
  starting('setting up the network and the certificates');
  mkdirSync(layout.logs, { recursive: true });
  await Promise.all([setUpNetwork(layout.resolvConf), writeCertificates(layout.pki)]);
  linkTools(layout, options.programs);
  const unused = await useLegacyIptables(layout.bin);
  if (unused !== undefined) log(`kube-proxy can write the rules of some forty Services at once only: ${unused}`);

  const kubernetes = options.programs['kubernetes'] ?? '';
  const commands = controlPlane(kubernetes, layout);
  const start = (name: string, argv = commands[name]) => {
    if (argv === undefined) throw new Error(`there is no component ${name}`);
    keepRunning({ name, argv, logs: layout.logs, onExit: logExit });
  };

  starting('starting the API server');
  start('etcd');
  start('kube-apiserver');
  const transport = createTransport({ connection: adminConnection(layout), clock: systemClock, log: silentLog });
  await untilReady(transport, signal);

  if (options.with.includes('network-policies')) {
    start('network-policies', enforcerCommand(options.programs['network-policies'] ?? '', layout));
    await handNewConnectionsOver();
  }

  starting('starting the controllers, the scheduler, the proxy and the kubelet');
  for (const name of ['kube-controller-manager', 'kube-scheduler', 'kube-proxy']) start(name);
  writeJson(layout.kubeletConfig, kubeletConfig(options, layout));
  start('kubelet', [process.execPath, ...options.nodeOptions, kubeletMain(), layout.kubeletConfig]);

  starting('installing the gateway and Prometheus');
  const addons = addonManifests(options.with, options.manifests);
  const applyAll = createApplier(transport, signal);
  await Promise.all(addons.map((manifests) => applyAll(manifests)));
  await waitForAddons(transport, addons.flat(), signal, (waiting) => starting(`waiting for ${waiting}`));
  transport.close();
}

async function untilReady(transport: Transport, signal: AbortSignal): Promise<void> {
  try {
    const ready = () => transport.text({ path: '/readyz', signal, deadlineMs: 2_000 });
    await retry(ready, { everyMs: 100, withinMs: 60_000, signal });
  } catch (error) {
    throw new Error('the API server did not become ready', { cause: error });
  }
}

function adminConnection(layout: Layout): Connection {
  const read = (file: string) => readFileSync(join(layout.pki, file), 'utf8');
  return fixedConnection(ADDRESSES.apiServer, { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key') });
}

function kubeletConfig(options: ClusterOptions, layout: Layout): KubeletConfig {
  const pki = (file: string) => join(layout.pki, file);
  return {
    nodeName: ADDRESSES.nodeName,
    nodeAddress: ADDRESSES.node,
    server: ADDRESSES.apiServer,
    caFile: pki('ca.crt'),
    certFile: pki('kubelet.crt'),
    keyFile: pki('kubelet.key'),
    servingCertFile: pki('kubelet-serving.crt'),
    servingKeyFile: pki('kubelet-serving.key'),
    clusterDNS: ADDRESSES.dnsService,
    clusterDomain: ADDRESSES.clusterDomain,
    podCIDR: ADDRESSES.podRange,
    rootDir: layout.kubelet,
    port: ADDRESSES.kubeletPort,
    programs: options.programs,
    kubernetesProgram: options.programs['kubernetes'] ?? '',
  };
}

function kubeletMain(): string {
  return join(import.meta.dirname, '..', 'kubelet', 'main.ts');
}

const TOOLS: readonly string[] = ['hey', 'podcli'];

function linkTools(layout: Layout, programs: Readonly<Record<string, string>>): void {
  mkdirSync(layout.bin, { recursive: true });
  symlinkSync(programs['kubernetes'] ?? '', join(layout.bin, 'kubectl'));
  for (const tool of TOOLS) symlinkSync(programs[tool] ?? '', join(layout.bin, tool));
}

function logExit(name: string, how: string): void {
  log(`${name} ended: ${how}; starting it again`);
}

function log(line: string): void {
  console.error(`${new Date().toISOString()} ${line}`);
}

function explain(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error instanceof Error ? error.message : String(error)}${cause}`;
}

await main(JSON.parse(process.argv[2] ?? '') as ClusterOptions);
