import { join } from 'node:path';

/** The files of one sandbox, all in its own folder. */
export interface Layout {
  readonly folder: string;
  readonly state: string;
  readonly pki: string;
  readonly logs: string;
  readonly etcd: string;
  readonly kubelet: string;
  readonly kubeletConfig: string;
  readonly resolvConf: string;
  readonly adminKubeconfig: string;
  /** Links to the tools, for PATH. */
  readonly bin: string;
}

export function layoutOf(folder: string): Layout {
  return {
    folder,
    state: join(folder, 'state.json'),
    pki: join(folder, 'pki'),
    logs: join(folder, 'logs'),
    etcd: join(folder, 'etcd'),
    kubelet: join(folder, 'kubelet'),
    kubeletConfig: join(folder, 'kubelet.json'),
    resolvConf: join(folder, 'resolv.conf'),
    adminKubeconfig: join(folder, 'pki', 'admin.kubeconfig'),
    bin: join(folder, 'bin'),
  };
}
