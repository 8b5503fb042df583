import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../kube/clock.ts';
import { startReflector } from '../../../kube/reflector.ts';
import { fixedConnection } from '../../../kube/transport/connection.ts';
import { createTransport } from '../../../kube/transport/transport.ts';
import { runtimeLog } from '../runtime-log.ts';
import { AddressPool } from './address-pool.ts';
import type { KubeletConfig } from './config.ts';
import { createConfigSource } from './config-source.ts';
import { EventRecorder } from './events.ts';
import { hostDirectories } from './host-directories.ts';
import type { NodeContext } from './node-context.ts';
import { registerNode } from './node-registration.ts';
import { CAPACITY } from './node-status.ts';
import type { Pod } from './pod.ts';
import { memoryRoot } from './pod-directories.ts';
import { PodNetworks } from './pod-network.ts';
import { PodWorker } from './pod-worker.ts';
import { startServer } from './server.ts';
import { createServiceEnvironment } from './service-environment.ts';
import { StreamHelper } from './streaming.ts';

export interface Kubelet {
  /** Ends all containers and leaves nothing behind but what the API server knows. */
  stop(): Promise<void>;
}

/**
 * Starts the kubelet of one node. Whatever one before it has left on this machine is cleaned up first. Waits for the API
 * server for as long as the signal allows; afterwards `stop` is what ends it.
 */
export async function startKubelet(
  config: KubeletConfig,
  log: NodeContext['log'],
  signal: AbortSignal,
): Promise<Kubelet> {
  const read = (file: string): string => readFileSync(file, 'utf8');
  const runtime = { clock: systemClock, log: runtimeLog(log) };
  const credentials = { ca: read(config.caFile), cert: read(config.certFile), key: read(config.keyFile) };
  const transport = createTransport({ connection: fixedConnection(config.server, credentials), ...runtime });
  const stopped = new AbortController();
  const networks = new PodNetworks(new AddressPool(config.podCIDR));
  const memory = memoryRoot(config.rootDir);
  await Promise.all([
    networks.clean(),
    ...[join(config.rootDir, 'pods'), join(config.rootDir, 'logs'), memory].map((path) =>
      rm(path, { recursive: true, force: true }),
    ),
  ]);
  await mkdir(memory, { recursive: true });

  const context: NodeContext = {
    config,
    transport,
    source: createConfigSource(transport),
    events: new EventRecorder({ transport, nodeName: config.nodeName, log }),
    networks,
    presentImages: new Set(),
    allocatable: CAPACITY,
    hostDirectories: hostDirectories(),
    resolvConf: read('/etc/resolv.conf'),
    serviceEnvironment: createServiceEnvironment(transport),
    log,
  };
  const living = AbortSignal.any([signal, stopped.signal]);
  const { kept } = await registerNode({ transport, config, signal: living, log });
  log(`node ${config.nodeName} is registered`);
  const streams = new StreamHelper({ program: config.kubernetesProgram, socket: join(memory, 'stream.sock'), log });

  // By uid: a pod and the one of the same name after it are two, and may be here at the same time.
  const workers = new Map<string, PodWorker>();
  const uids = new Map<string, string>();
  const onChange = (key: string, pod: Pod | undefined): void => {
    const known = uids.get(key);
    if (known !== undefined && known !== pod?.metadata.uid) {
      workers.get(known)?.remove();
      uids.delete(key);
    }
    if (pod === undefined || stopped.signal.aborted) return;
    const { uid } = pod.metadata;
    const worker = workers.get(uid);
    if (worker !== undefined) {
      worker.update(pod);
      return;
    }
    const fresh = new PodWorker(context, pod);
    uids.set(key, uid);
    workers.set(uid, fresh);
    void fresh.done.then(() => workers.delete(uid));
  };

  const server = await startServer({
    config,
    streams,
    pods: {
      find: (namespace, name) => workers.get(uids.get(`${namespace}/${name}`) ?? ''),
      pods: () => [...workers.values()].map((worker) => worker.pod),
    },
    log,
  });
  startReflector<Pod>({
    transport,
    path: '/api/v1/pods',
    query: { fieldSelector: `spec.nodeName=${config.nodeName}` },
    signal: stopped.signal,
    onChange,
    ...runtime,
  });

  return {
    async stop() {
      stopped.abort(new Error('the kubelet stops'));
      await Promise.all([server.stop(), streams.stop(), ...[...workers.values()].map((worker) => worker.shutDown())]);
      await context.events.stop();
      await kept;
      transport.close();
      await networks.clean();
      await rm(memory, { recursive: true, force: true });
    },
  };
}
