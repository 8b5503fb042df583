import type { Transport } from '../../kube/transport/transport.ts';

/** The cluster that a command is about. */
export interface Cluster {
  readonly transport: Transport;
  /** Of `--namespace`, else of the context. */
  readonly namespace: string;
  /** The context of the kubeconfig. */
  readonly context: string;
  readonly server: string;
}
