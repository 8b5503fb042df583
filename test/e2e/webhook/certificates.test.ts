import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Secret, V1ValidatingWebhookConfiguration } from '@kubernetes/client-node';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { keepAdmitting } from './admissions.ts';
import { inNamespace, NAMESPACE, rolledOut, runWith, webhookDeployed } from './deployed.ts';
import { reviewTimes } from './review-times.ts';
import { servedCertificate } from './served-certificate.ts';

const PER_SECOND = 200;
const LOAD_SECONDS = 60;

describe('the webhook’s certificates', { skip: sandboxOnly('it installs the webhook') }, () => {
  const namespace = testNamespace('certificates');
  webhookDeployed();
  let server: Transport;
  before(async () => {
    server = await apiServer();
    // What cannot be asked is refused, so that no failure passes for a yes.
    await patchConfiguration([{ op: 'add', path: '/webhooks/0/failurePolicy', value: 'Fail' }]);
  });
  after(() => server.close());

  const patchConfiguration = (patch: readonly object[]) =>
    kubectl('patch', 'validatingwebhookconfiguration', 'kubectl-canary', '--type=json', '-p', JSON.stringify(patch));

  async function caBundle(): Promise<string> {
    const configuration = await kubectlJson<V1ValidatingWebhookConfiguration>(
      ...['get', 'validatingwebhookconfiguration', 'kubectl-canary'],
    );
    return Buffer.from(configuration.webhooks?.[0]?.clientConfig.caBundle ?? '', 'base64').toString();
  }

  async function assertAdmits(): Promise<void> {
    const stop = new AbortController();
    const admitting = keepAdmitting(server, namespace, 20, stop.signal);
    await sleep(1000);
    stop.abort();
    const { asked, failures } = await admitting;
    assert.ok(asked > 10);
    assert.deepEqual(failures, []);
  }

  it('are made, shared by the replicas and trusted by the API server', async () => {
    // kube-proxy takes a second to lead to a Service that is new.
    await eventually(assertAdmits);
    const { data = {} } = await kubectlJson<V1Secret>('-n', NAMESPACE, 'get', 'secret', 'canary-webhook-certificates');
    const authority = Buffer.from(data['ca.crt'] ?? '', 'base64').toString();
    assert.equal((await caBundle()).trim(), authority.trim());
    for (let look = 0; look < 10; look++) {
      const served = await servedCertificate();
      assert.ok(served.checkIssued(new X509Certificate(authority)));
      assert.equal(
        served.fingerprint256,
        new X509Certificate(Buffer.from(data['tls.crt'] ?? '', 'base64')).fingerprint256,
      );
    }
  });

  it('come back when somebody takes them away: the caBundle, the configuration, what is in the Secret', async () => {
    await patchConfiguration([{ op: 'remove', path: '/webhooks/0/clientConfig/caBundle' }]);
    await eventually(async () => assert.match(await caBundle(), /BEGIN CERTIFICATE/));
    await eventually(assertAdmits);

    await kubectl('delete', 'validatingwebhookconfiguration', 'kubectl-canary');
    await kubectl('apply', '-k', 'manifests/webhook');
    await eventually(async () => assert.match(await caBundle(), /BEGIN CERTIFICATE/));
    await patchConfiguration([{ op: 'add', path: '/webhooks/0/failurePolicy', value: 'Fail' }]);
    await eventually(assertAdmits);

    const old = await caBundle();
    await inNamespace(
      'patch',
      'secret',
      'canary-webhook-certificates',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/data"}]',
    );
    await eventually(async () => assert.notEqual(await caBundle(), old));
    await eventually(assertAdmits);
  });

  it(`are rotated, authority and all, under ${PER_SECOND} admissions a second of which none fails`, {
    timeout: 300_000,
  }, async (t) => {
    await runWith(['--authority-life=45s', '--serving-life=24s', '--spread=5s', '--shutdown-delay=1s']);
    const stop = new AbortController();
    const [bundles, served] = [new Set<string>(), new Set<string>()];
    const watching = watchUntil(stop.signal, async () => {
      bundles.add(await caBundle());
      served.add((await servedCertificate()).fingerprint256);
    });
    const atFirst = await reviewTimes();
    const admitting = keepAdmitting(server, namespace, PER_SECOND, stop.signal);
    await sleep(LOAD_SECONDS * 1000);
    stop.abort();
    const { asked, failures } = await admitting;
    await watching;
    const { count, medianMs, p99Ms } = (await reviewTimes()).since(atFirst);
    t.diagnostic(
      `${asked} admissions in ${LOAD_SECONDS} s, ${failures.length} failed; the webhook’s own time: median ` +
        `${medianMs.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms of ${count}; ${served.size} certificates were served, and ` +
        `${bundles.size} bundles trusted`,
    );
    assert.deepEqual(failures, []);
    // A machine that is busy with other tests as well may not get done all of them.
    assert.ok(asked >= (PER_SECOND * LOAD_SECONDS) / 2, `only ${asked}`);
    // One with the next authority, one without the one before, at least.
    assert.ok(bundles.size >= 3, `${bundles.size} bundles`);
    assert.ok(served.size >= 3, `${served.size} certificates`);
  });

  it('are there for each replica that is new: none fails while all are replaced', { timeout: 300_000 }, async () => {
    await runWith([]);
    const stop = new AbortController();
    const admitting = keepAdmitting(server, namespace, 50, stop.signal);
    await inNamespace('rollout', 'restart', 'deployment/canary-webhook');
    await rolledOut();
    stop.abort();
    const { asked, failures } = await admitting;
    assert.ok(asked > 100);
    assert.deepEqual(failures, []);
  });
});

async function watchUntil(signal: AbortSignal, look: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await look();
    await sleep(1000);
  }
}
