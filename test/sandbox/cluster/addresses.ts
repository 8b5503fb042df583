/** The sandbox's address plan. Every sandbox has the same: each is alone in its network namespace. */
export const ADDRESSES = {
  node: '10.0.0.1',
  nodeName: 'sandbox',
  apiServer: 'https://10.0.0.1:6443',
  apiPort: 6443,
  kubeletPort: 10250,
  etcd: 'http://127.0.0.1:2379',
  podRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
  apiService: '10.96.0.1',
  dnsService: '10.96.0.10',
  clusterDomain: 'cluster.local',
} as const;
