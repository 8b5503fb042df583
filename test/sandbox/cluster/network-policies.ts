import { join } from 'node:path';
import { execa } from 'execa';
import { ADDRESSES } from './addresses.ts';
import type { Layout } from './layout.ts';

const QUEUE = '100';

/** The command line of the enforcer, which judges the first packet of each connection. */
export function enforcerCommand(program: string, layout: Layout): readonly [string, ...string[]] {
  const kubeconfig = join(layout.pki, 'network-policies.kubeconfig');
  return [program, `--kubeconfig=${kubeconfig}`, `--node=${ADDRESSES.nodeName}`, `--queue=${QUEUE}`];
}

/**
 * Has the kernel ask the enforcer about every new connection from one pod to another, or out of the cluster: after a Service's
 * address has become a pod's, before any source address is changed. Without the enforcer there are no such connections.
 *
 * A node's own connections to its pods are never asked about, as Kubernetes demands for the probes of its kubelet: here that
 * covers the API server too.
 *
 * Must run inside the sandbox's namespaces.
 */
export async function handNewConnectionsOver(): Promise<void> {
  const rules = [
    ['-m', 'conntrack', '--ctstate', 'ESTABLISHED,RELATED', '-j', 'RETURN'],
    ['-m', 'addrtype', '--src-type', 'LOCAL', '-j', 'RETURN'],
    ['-j', 'NFQUEUE', '--queue-num', QUEUE],
  ];
  for (const rule of rules) await execa('iptables', ['-w', '-t', 'mangle', '-A', 'POSTROUTING', ...rule]);
}
