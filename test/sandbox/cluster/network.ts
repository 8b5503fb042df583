import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { ADDRESSES } from './addresses.ts';

/**
 * Turns the bare network namespace into a node's: an address to advertise (endpoints may not be loopback addresses), the
 * Service range as addresses of its own (without a route, connect fails before kube-proxy's rules are reached; with one that
 * is not local, what has no endpoints hangs instead of being refused), forwarding between the
 * pods' namespaces, and the cluster's DNS.
 *
 * Must run inside the sandbox's namespaces, before anything else does.
 */
export async function setUpNetwork(resolvConf: string): Promise<void> {
  const commands = [
    'link set lo up',
    `address add ${ADDRESSES.node}/32 dev lo`,
    `route add local ${ADDRESSES.serviceRange} dev lo src ${ADDRESSES.node}`,
  ];
  await execa('ip', ['-batch', '-'], { input: commands.join('\n') });
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
  await useClusterDns(resolvConf);
}

async function useClusterDns(resolvConf: string): Promise<void> {
  const { clusterDomain, dnsService } = ADDRESSES;
  const search = ['default.svc', 'svc', ''].map((prefix) =>
    prefix === '' ? clusterDomain : `${prefix}.${clusterDomain}`,
  );
  await writeFile(resolvConf, `nameserver ${dnsService}\nsearch ${search.join(' ')}\noptions ndots:5\n`);
  // On many machines it is a link into /run, and what it points to is behind the empty /run that is mounted next.
  const target = await realpath('/etc/resolv.conf').catch(() => '/etc/resolv.conf');
  // `ip netns` keeps its names in /run/netns, which belongs to the host and may not be ours to write.
  await execa('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  if (target.startsWith('/run/')) {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, '');
  }
  await execa('mount', ['--bind', resolvConf, target]);
}
