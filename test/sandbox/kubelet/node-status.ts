import { arch, release } from 'node:os';
import type { KubeletConfig } from './config.ts';
import { isoSeconds } from './container-status.ts';

/** The machine's limits are not enforced, so that no test need think about them. */
export const CAPACITY: Readonly<Record<string, string>> = {
  cpu: '1000',
  memory: '4Ti',
  pods: '5000',
  'ephemeral-storage': '4Ti',
};

const KUBERNETES = 'v1.36.3';
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface NodeIdentity {
  readonly machineID: string;
  readonly bootID: string;
  readonly osImage: string;
}

/** When the kubelet started: conditions that hold from then on have not changed since. */
export interface NodeTimes {
  readonly startedAt: number;
  readonly now: number;
}

export function nodeLabels({ nodeName }: KubeletConfig): Record<string, string> {
  const architecture = ARCHITECTURES[arch()] ?? arch();
  return {
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': architecture,
  };
}

export function nodeStatus(config: KubeletConfig, identity: NodeIdentity, times: NodeTimes): object {
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: isoSeconds(times.now),
    lastTransitionTime: isoSeconds(times.startedAt),
  });
  return {
    capacity: CAPACITY,
    allocatable: CAPACITY,
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    addresses: [
      { type: 'InternalIP', address: config.nodeAddress },
      { type: 'Hostname', address: config.nodeName },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: config.port } },
    nodeInfo: {
      ...identity,
      systemUUID: identity.machineID,
      kernelVersion: release(),
      containerRuntimeVersion: `process://${process.versions.node}`,
      kubeletVersion: KUBERNETES,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: ARCHITECTURES[arch()] ?? arch(),
    },
  };
}
