import type { Pod } from './pod.ts';

/** Files of /etc that are the same in every container. Without nsswitch.conf, glibc does not look into /etc/hosts first. */
export const COMMON_FILES: Readonly<Record<string, string>> = {
  '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  '/etc/passwd': [
    'root:x:0:0:root:/root:/bin/sh',
    'app:x:100:101::/home/app:/bin/sh',
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    'nonroot:x:65532:65532:nonroot:/home/nonroot:/usr/sbin/nologin',
    '',
  ].join('\n'),
  '/etc/group': 'root:x:0:\napp:x:101:\nnogroup:x:65534:\nnonroot:x:65532:\n',
};

/** A user's home by our /etc/passwd; a user who is not in it has the root directory, as container runtimes have it. */
export function homeOf(user: number): string {
  const line = (COMMON_FILES['/etc/passwd'] ?? '').split('\n').find((entry) => entry.split(':')[2] === String(user));
  return line?.split(':')[5] ?? '/';
}

/** The /etc/hosts of a pod, as a kubelet writes it. */
export function hostsFile(pod: Pod, address: string | undefined, clusterDomain: string): string {
  const { hostname, subdomain, hostAliases = [] } = pod.spec;
  const name = podHostname(pod);
  const qualified =
    subdomain === undefined ? '' : `${hostname ?? name}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}\t`;
  const aliases = hostAliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`).join('');
  return [
    '# Kubernetes-managed hosts file.\n',
    '127.0.0.1\tlocalhost\n',
    '::1\tlocalhost ip6-localhost ip6-loopback\n',
    'fe00::0\tip6-localnet\n',
    'fe00::0\tip6-mcastprefix\n',
    'fe00::1\tip6-allnodes\n',
    'fe00::2\tip6-allrouters\n',
    address === undefined ? '' : `${address}\t${qualified}${name}\n`,
    aliases === '' ? '' : `\n# Entries added by HostAliases.\n${aliases}`,
  ].join('');
}

/** A pod on the node's network has the node's name too. */
export function podHostname(pod: Pod): string {
  if (pod.spec.hostNetwork === true) return pod.spec.nodeName ?? pod.metadata.name;
  return (pod.spec.hostname ?? pod.metadata.name).slice(0, 63).replace(/[.-]+$/, '');
}

export interface ClusterDns {
  readonly server: string;
  readonly domain: string;
  /** The node's own resolv.conf, for pods that are to resolve as it does. */
  readonly nodeFile: string;
}

/** The /etc/resolv.conf of a pod by its dnsPolicy and dnsConfig. */
export function resolvConf(pod: Pod, dns: ClusterDns): string {
  const { dnsPolicy = 'ClusterFirst', dnsConfig, hostNetwork = false } = pod.spec;
  const policy = dnsPolicy === 'ClusterFirst' && hostNetwork ? 'Default' : dnsPolicy;
  const cluster = policy === 'ClusterFirst' || policy === 'ClusterFirstWithHostNet';
  const { namespace } = pod.metadata;
  const base = cluster
    ? {
        nameservers: [dns.server],
        searches: [`${namespace}.svc.${dns.domain}`, `svc.${dns.domain}`, dns.domain],
        options: ['ndots:5'],
      }
    : policy === 'Default'
      ? parseResolvConf(dns.nodeFile)
      : { nameservers: [], searches: [], options: [] };

  const options = new Map(base.options.map((option): [string, string] => [option.split(':')[0] ?? option, option]));
  for (const { name = '', value } of dnsConfig?.options ?? []) {
    options.set(name, value === undefined ? name : `${name}:${value}`);
  }
  const searches = [...new Set([...base.searches, ...(dnsConfig?.searches ?? [])])];
  const nameservers = [...new Set([...base.nameservers, ...(dnsConfig?.nameservers ?? [])])].slice(0, 3);
  return [
    searches.length === 0 ? '' : `search ${searches.join(' ')}\n`,
    ...nameservers.map((server) => `nameserver ${server}\n`),
    options.size === 0 ? '' : `options ${[...options.values()].join(' ')}\n`,
  ].join('');
}

function parseResolvConf(text: string): { nameservers: string[]; searches: string[]; options: string[] } {
  const result = { nameservers: [] as string[], searches: [] as string[], options: [] as string[] };
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'nameserver') result.nameservers.push(...words.slice(0, 1));
    else if (keyword === 'search') result.searches = words;
    else if (keyword === 'options') result.options.push(...words);
  }
  return result;
}
