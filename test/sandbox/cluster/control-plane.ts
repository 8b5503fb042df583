import { join } from 'node:path';
import { ADDRESSES } from './addresses.ts';
import type { Layout } from './layout.ts';

/** The command lines of the control plane. `kubernetes` is the program that holds all its components. */
export function controlPlane(kubernetes: string, layout: Layout): Record<string, readonly [string, ...string[]]> {
  const pki = (file: string) => join(layout.pki, file);
  const kubeconfigs = (name: string) => [
    `--kubeconfig=${pki(`${name}.kubeconfig`)}`,
    `--authentication-kubeconfig=${pki(`${name}.kubeconfig`)}`,
    `--authorization-kubeconfig=${pki(`${name}.kubeconfig`)}`,
  ];
  // One node stands for a whole cluster here, and nobody shares it: the clients' own throttling would only slow the tests.
  const unthrottled = ['--kube-api-qps=1000', '--kube-api-burst=2000'];
  return {
    etcd: [kubernetes, 'etcd', `--data-dir=${layout.etcd}`, `--listen-client-url=${ADDRESSES.etcd}`],
    'kube-apiserver': [
      kubernetes,
      'kube-apiserver',
      `--etcd-servers=${ADDRESSES.etcd}`,
      `--advertise-address=${ADDRESSES.node}`,
      `--secure-port=${ADDRESSES.apiPort}`,
      `--tls-cert-file=${pki('apiserver.crt')}`,
      `--tls-private-key-file=${pki('apiserver.key')}`,
      `--client-ca-file=${pki('ca.crt')}`,
      `--requestheader-client-ca-file=${pki('ca.crt')}`,
      '--requestheader-allowed-names=front-proxy-client',
      '--requestheader-username-headers=X-Remote-User',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      `--proxy-client-cert-file=${pki('front-proxy.crt')}`,
      `--proxy-client-key-file=${pki('front-proxy.key')}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      `--service-cluster-ip-range=${ADDRESSES.serviceRange}`,
      `--service-account-issuer=https://kubernetes.default.svc.${ADDRESSES.clusterDomain}`,
      `--service-account-key-file=${pki('service-accounts.pub')}`,
      `--service-account-signing-key-file=${pki('service-accounts.key')}`,
      `--kubelet-client-certificate=${pki('apiserver-kubelet.crt')}`,
      `--kubelet-client-key=${pki('apiserver-kubelet.key')}`,
      `--kubelet-certificate-authority=${pki('ca.crt')}`,
      '--kubelet-preferred-address-types=InternalIP',
    ],
    'kube-controller-manager': [
      kubernetes,
      'kube-controller-manager',
      ...kubeconfigs('controller-manager'),
      ...unthrottled,
      '--leader-elect=false',
      '--use-service-account-credentials=true',
      `--root-ca-file=${pki('ca.crt')}`,
      `--service-account-private-key-file=${pki('service-accounts.key')}`,
      '--concurrent-deployment-syncs=20',
      '--concurrent-replicaset-syncs=20',
      '--concurrent-service-endpoint-syncs=20',
    ],
    'kube-scheduler': [
      kubernetes,
      'kube-scheduler',
      ...kubeconfigs('scheduler'),
      ...unthrottled,
      '--leader-elect=false',
    ],
    'kube-proxy': [
      kubernetes,
      'kube-proxy',
      `--kubeconfig=${pki('proxy.kubeconfig')}`,
      '--proxy-mode=iptables',
      `--cluster-cidr=${ADDRESSES.podRange}`,
      `--hostname-override=${ADDRESSES.nodeName}`,
      // These are settings of the whole machine, which a namespace may not write.
      '--conntrack-max-per-core=0',
      '--conntrack-tcp-timeout-established=0',
      '--conntrack-tcp-timeout-close-wait=0',
      // A busy machine delays packets, and what is sent again then is not of the connection to a strict tracker, which resets it.
      '--conntrack-tcp-be-liberal',
    ],
  };
}
