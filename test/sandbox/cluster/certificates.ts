import { generateKeyPair } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { issueAuthority, issueCertificate, type Subject, type Validity } from '../../../webhook/certificates/issue.ts';
import type { KeyPair } from '../../../webhook/certificates/key-pair.ts';
import { ADDRESSES } from './addresses.ts';

const LIFE_MS = 365 * 24 * 3600 * 1000;
/** Against a clock that is set back a little while the sandbox runs. */
const BACKDATE_MS = 3600 * 1000;

interface Leaf extends Subject {
  readonly file: string;
}

/** Who talks to whom, with the user names and groups that Kubernetes' own roles are bound to. */
const LEAVES: readonly Leaf[] = [
  {
    file: 'apiserver',
    commonName: 'kube-apiserver',
    serves: [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      `kubernetes.default.svc.${ADDRESSES.clusterDomain}`,
      'localhost',
      '127.0.0.1',
      ADDRESSES.node,
      ADDRESSES.apiService,
    ],
  },
  { file: 'apiserver-kubelet', commonName: 'kube-apiserver-kubelet-client', organization: 'system:masters' },
  { file: 'front-proxy', commonName: 'front-proxy-client' },
  { file: 'admin', commonName: 'sandbox-admin', organization: 'system:masters' },
  { file: 'controller-manager', commonName: 'system:kube-controller-manager' },
  { file: 'scheduler', commonName: 'system:kube-scheduler' },
  { file: 'proxy', commonName: 'system:kube-proxy' },
  { file: 'network-policies', commonName: 'network-policies' },
  { file: 'kubelet', commonName: `system:node:${ADDRESSES.nodeName}`, organization: 'system:nodes' },
  {
    file: 'kubelet-serving',
    commonName: `system:node:${ADDRESSES.nodeName}`,
    organization: 'system:nodes',
    serves: [ADDRESSES.nodeName, ADDRESSES.node],
  },
];

const WITH_KUBECONFIG: readonly string[] = ['admin', 'controller-manager', 'scheduler', 'proxy', 'network-policies'];

/** Writes `NAME.crt`, `NAME.key` for each of the above, `ca.crt`, `service-accounts.key|pub` and the kubeconfigs. */
export async function writeCertificates(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const authority = await issueAuthority('sandbox-ca', validity());
  await write(folder, 'ca.crt', authority.cert);
  await Promise.all([...LEAVES.map((leaf) => writeLeaf(folder, leaf, authority)), writeServiceAccountKey(folder)]);
}

async function writeLeaf(folder: string, leaf: Leaf, authority: KeyPair): Promise<void> {
  const { cert, key } = await issueCertificate(authority, leaf, validity());
  await Promise.all([write(folder, `${leaf.file}.crt`, cert), write(folder, `${leaf.file}.key`, key)]);
  if (WITH_KUBECONFIG.includes(leaf.file)) {
    await write(folder, `${leaf.file}.kubeconfig`, kubeconfig(leaf.commonName, authority.cert, cert, key));
  }
}

async function writeServiceAccountKey(folder: string): Promise<void> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  await Promise.all([
    write(folder, 'service-accounts.key', privateKey),
    write(folder, 'service-accounts.pub', publicKey),
  ]);
}

function kubeconfig(user: string, ca: string, cert: string, key: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'sandbox', cluster: { server: ADDRESSES.apiServer, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: user, user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user } }],
    'current-context': 'sandbox',
  });
}

function validity(): Validity {
  return { notBefore: new Date(Date.now() - BACKDATE_MS), notAfter: new Date(Date.now() + LIFE_MS) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function write(folder: string, file: string, text: string): Promise<void> {
  return writeFile(join(folder, file), text, { mode: 0o600 });
}
