import { readFileSync } from 'node:fs';
import { isConflict, isNotFound } from '../../../kube/errors.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import type { KubeletConfig } from './config.ts';
import { type NodeIdentity, nodeLabels, nodeStatus } from './node-status.ts';
import { pause } from './pause.ts';

const LEASE_MS = 10_000;
const STATUS_MS = 300_000;
const RETRY_MS = 1000;
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

export interface RegistrationOptions {
  readonly transport: Transport;
  readonly config: KubeletConfig;
  readonly signal: AbortSignal;
  readonly log: (message: string, error?: unknown) => void;
}

/** Makes the Node object and keeps it and its Lease alive until the signal aborts. Resolves when the node is registered. */
export async function registerNode(
  options: RegistrationOptions,
): Promise<{ readonly uid: string; readonly kept: Promise<void> }> {
  const { transport, config, signal, log } = options;
  const { nodeName } = config;
  const startedAt = Date.now();
  const identity = readIdentity();
  const path = `/api/v1/nodes/${nodeName}`;
  const labels = nodeLabels(config);
  const metadata = {
    name: nodeName,
    labels,
    annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
  };

  async function reportStatus(): Promise<void> {
    const status = nodeStatus(config, identity, { startedAt, now: Date.now() });
    const contentType = 'application/strategic-merge-patch+json';
    await transport.request({ method: 'PATCH', path: `${path}/status`, body: { status }, contentType, signal });
  }

  async function ensureNode(): Promise<string> {
    const status = nodeStatus(config, identity, { startedAt, now: Date.now() });
    const body = { apiVersion: 'v1', kind: 'Node', metadata, spec: {}, status };
    try {
      const node = await transport.request<{ metadata: { uid: string } }>({
        method: 'POST',
        path: '/api/v1/nodes',
        body,
        signal,
      });
      return node.metadata.uid;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    const contentType = 'application/strategic-merge-patch+json';
    const patch = { method: 'PATCH', path, body: { metadata: { labels } }, contentType, signal } as const;
    const node = await transport.request<{ metadata: { uid: string } }>(patch);
    await reportStatus();
    return node.metadata.uid;
  }

  async function renewLease(uid: string): Promise<void> {
    const spec = {
      holderIdentity: nodeName,
      leaseDurationSeconds: 40,
      renewTime: `${new Date().toISOString().slice(0, -1)}000Z`,
    };
    try {
      const contentType = 'application/merge-patch+json';
      await transport.request({ method: 'PATCH', path: `${LEASES}/${nodeName}`, body: { spec }, contentType, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid }];
      const body = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: nodeName, ownerReferences },
        spec,
      };
      await transport.request({ method: 'POST', path: LEASES, body, signal });
    }
  }

  async function every(ms: number, what: string, task: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await task();
        await pause(ms, signal);
      } catch (error) {
        if (signal.aborted) return;
        log(what, error);
        await pause(RETRY_MS, signal);
      }
    }
  }

  for (;;) {
    try {
      const uid = await ensureNode();
      const kept = Promise.all([
        every(LEASE_MS, 'the lease cannot be renewed', () => renewLease(uid)),
        pause(STATUS_MS, signal).then(() =>
          every(STATUS_MS, "the node's status cannot be written", async () => {
            // Somebody may have deleted the node: then it registers anew.
            await reportStatus().catch(async (error: unknown) => {
              if (!isNotFound(error)) throw error;
              await ensureNode();
            });
          }),
        ),
      ]).then(() => {});
      return { uid, kept };
    } catch (error) {
      if (signal.aborted) throw error;
      log('the node cannot be registered', error);
      await pause(RETRY_MS, signal);
    }
  }
}

function readIdentity(): NodeIdentity {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch {
      return '';
    }
  };
  const osImage = /^PRETTY_NAME="?(.*?)"?$/m.exec(read('/etc/os-release'))?.[1] ?? 'Linux';
  return { machineID: read('/etc/machine-id'), bootID: read('/proc/sys/kernel/random/boot_id'), osImage };
}
