import type { Transport } from '../../../kube/transport/transport.ts';
import type { KubeletConfig } from './config.ts';
import type { ConfigSource } from './config-source.ts';
import type { EventRecorder } from './events.ts';
import type { PodNetworks } from './pod-network.ts';

/** What all pods of this kubelet share. */
export interface NodeContext {
  readonly config: KubeletConfig;
  readonly transport: Transport;
  readonly source: ConfigSource;
  readonly events: EventRecorder;
  readonly networks: PodNetworks;
  /** Names of the images that have been used on this node. */
  readonly presentImages: Set<string>;
  readonly allocatable: Readonly<Record<string, string>>;
  /** See `hostDirectories`. */
  readonly hostDirectories: readonly string[];
  /** The node's own resolv.conf. */
  readonly resolvConf: string;
  /** The variables KUBERNETES_SERVICE_HOST and so on, that every container gets. */
  serviceEnvironment(): Promise<ReadonlyMap<string, string>>;
  readonly log: (message: string, error?: unknown) => void;
}
