import { readFileSync } from 'node:fs';

/** The kubelet's one argument is a JSON file of this shape; files are PEM. */
export interface KubeletConfig {
  readonly nodeName: string;
  readonly nodeAddress: string;
  /** `https://host:port` of the API server. */
  readonly server: string;
  /** Signs the API server's certificate, and those of the kubelet's own clients. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly servingCertFile: string;
  readonly servingKeyFile: string;
  /** Address of the cluster's DNS server. */
  readonly clusterDNS: string;
  readonly clusterDomain: string;
  readonly podCIDR: string;
  /** Belongs to this kubelet alone: it empties it. */
  readonly rootDir: string;
  readonly port: number;
  /** Program name -> file. */
  readonly programs: Readonly<Record<string, string>>;
  /** Serves exec and port-forward: `kubernetesProgram stream-server --socket PATH`. */
  readonly kubernetesProgram: string;
}

export function readConfig(file: string): KubeletConfig {
  const config = JSON.parse(readFileSync(file, 'utf8')) as KubeletConfig;
  for (const key of ['nodeName', 'nodeAddress', 'server', 'podCIDR', 'rootDir', 'port'] as const) {
    if (config[key] === undefined) throw new TypeError(`${file}: "${key}" is missing`);
  }
  return config;
}
