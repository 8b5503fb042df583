// cert-manager itself is not in the sandbox: what it does, which is to fill a Secret and two caBundles, is done by hand.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { canary, metrics } from '../../crd/manifest.ts';
import { createServingCertificate } from '../certificate.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { inNamespace, NAMESPACE, rolledOut } from './deployed.ts';
import { servedCertificate } from './served-certificate.ts';

interface Manifest {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly dnsNames?: readonly string[]; readonly secretName?: string };
}

describe('with the certificate of cert-manager', { skip: sandboxOnly('it installs the webhook') }, () => {
  const namespace = testNamespace('cert-manager');
  after(() => kubectl('delete', '-k', 'manifests/webhook', '--ignore-not-found', '--wait=false'));

  it('the webhook serves it, makes none, and takes up the next one', { timeout: 300_000 }, async () => {
    const all = parseAllDocuments(await kubectl('kustomize', 'manifests/cert-manager')).map(
      (document) => document.toJS() as Manifest,
    );
    const ofCertManager = all.filter(({ apiVersion }) => apiVersion.startsWith('cert-manager.io/'));
    const ours = all.filter((manifest) => !ofCertManager.includes(manifest));
    const leaf = ofCertManager.find(({ spec }) => spec?.dnsNames !== undefined);
    const host = `canary-webhook.${NAMESPACE}.svc`;
    assert.ok(leaf?.spec?.dnsNames?.includes(host) === true && leaf.spec.secretName !== undefined);
    const { secretName } = leaf.spec;
    const injected = ours.filter(
      ({ metadata }) => metadata.annotations?.['cert-manager.io/inject-ca-from'] !== undefined,
    );
    assert.equal(injected.length, 2);
    assert.ok(ours.some(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'canary-controller'));
    const { name: leafName } = leaf.metadata;
    assert.equal(injected[0]?.metadata.annotations?.['cert-manager.io/inject-ca-from'], `${NAMESPACE}/${leafName}`);

    const first = await createServingCertificate(host);
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, secret(secretName, first));
    await apply(...ours);
    await rolledOut();
    for (const { kind } of injected) await trust(kind, first.ca);
    assert.equal(await inNamespace('get', 'secrets', '-o', 'name'), `secret/${secretName}`);
    await eventually(async () => {
      assert.equal((await servedCertificate()).fingerprint256, new X509Certificate(first.cert).fingerprint256);
      const wrong = { ...metrics({ name: 'up', query: 'up{{' }), metadata: { name: 'wrong', namespace } };
      const { stderr } = await tryKubectl(wrong, 'apply', '-f', '-');
      assert.match(stderr, /The Canary "wrong" is invalid: spec\.analysis\.metrics\[0\]\.query: .*line 1, column 3/);
    });

    const second = await createServingCertificate(host);
    await apply(secret(secretName, second));
    for (const { kind } of injected) await trust(kind, second.ca);
    await eventually(async () => {
      assert.equal((await servedCertificate()).fingerprint256, new X509Certificate(second.cert).fingerprint256);
    }, 180_000);
    await apply({ ...canary(), metadata: { name: 'right', namespace } });
  });
});

function secret(name: string, { ca, cert, key }: { ca: string; cert: string; key: string }): object {
  const stringData = { 'ca.crt': ca, 'tls.crt': cert, 'tls.key': key };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE },
    type: 'kubernetes.io/tls',
    stringData,
  };
}

async function trust(kind: string, ca: string): Promise<void> {
  const value = Buffer.from(ca).toString('base64');
  const patch = JSON.stringify([{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value }]);
  await kubectl('patch', kind, 'kubectl-canary', '--type=json', '-p', patch);
}
