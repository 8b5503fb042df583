import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { stringify } from 'yaml';
import { ADDRESSES } from './addresses.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const LIFE_MS = 365 * 24 * 3600 * 1000;
/** Against a clock that is set back a little while the sandbox runs. */
const BACKDATE_MS = 3600 * 1000;

interface Leaf {
  readonly file: string;
  readonly commonName: string;
  readonly organization?: string;
  /** Names and addresses that a server answers to; a client has none. */
  readonly serves?: readonly string[];
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
  { file: 'kubelet', commonName: `system:node:${ADDRESSES.nodeName}`, organization: 'system:nodes' },
  {
    file: 'kubelet-serving',
    commonName: `system:node:${ADDRESSES.nodeName}`,
    organization: 'system:nodes',
    serves: [ADDRESSES.nodeName, ADDRESSES.node],
  },
];

const WITH_KUBECONFIG: readonly string[] = ['admin', 'controller-manager', 'scheduler', 'proxy'];

/** Writes `NAME.crt`, `NAME.key` for each of the above, `ca.crt`, `service-accounts.key|pub` and the kubeconfigs. */
export async function writeCertificates(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const authority = await createAuthority();
  await write(folder, 'ca.crt', authority.certificate.toString('pem'));
  await Promise.all([...LEAVES.map((leaf) => writeLeaf(folder, leaf, authority)), writeServiceAccountKey(folder)]);
}

interface Authority {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

async function createAuthority(): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: 'CN=sandbox-ca',
    ...validity(),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
    ],
  });
  return { certificate, keys };
}

async function writeLeaf(folder: string, leaf: Leaf, authority: Authority): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const names = (leaf.serves ?? []).map((name): JsonGeneralNames[number] => ({
    type: /^[\d.]+$/.test(name) ? 'ip' : 'dns',
    value: name,
  }));
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: [leaf.commonName] }, ...(leaf.organization === undefined ? [] : [{ O: [leaf.organization] }])],
    issuer: authority.certificate.subject,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([
        leaf.serves === undefined ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth,
      ]),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
    ],
  });
  const [cert, key] = [certificate.toString('pem'), await privatePem(keys.privateKey)];
  await Promise.all([write(folder, `${leaf.file}.crt`, cert), write(folder, `${leaf.file}.key`, key)]);
  if (WITH_KUBECONFIG.includes(leaf.file)) {
    const ca = authority.certificate.toString('pem');
    await write(folder, `${leaf.file}.kubeconfig`, kubeconfig(leaf.commonName, ca, cert, key));
  }
}

async function writeServiceAccountKey(folder: string): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const publicKey = PemConverter.encode(await webcrypto.subtle.exportKey('spki', keys.publicKey), 'PUBLIC KEY');
  await Promise.all([
    write(folder, 'service-accounts.key', await privatePem(keys.privateKey)),
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

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - BACKDATE_MS), notAfter: new Date(Date.now() + LIFE_MS) };
}

function serial(): string {
  return Buffer.from(webcrypto.getRandomValues(new Uint8Array(16))).toString('hex');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function write(folder: string, file: string, text: string): Promise<void> {
  return writeFile(join(folder, file), text, { mode: 0o600 });
}
