// What tenants and workloads can do to the webhook, and through a stored object to the controller: nothing that others notice.
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { action, canary, template } from '../../crd/manifest.ts';
import { sandboxOnly } from '../cluster.ts';
import { kubectl, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { inNamespace, scaleTo, webhookDeployed } from './deployed.ts';

const MB = 2 ** 20;
/** What the API server waits for an answer, and kubectl and the API server take for the rest. */
const AT_ONCE_MS = 10_000;

describe('the webhook', { skip: sandboxOnly('it installs the webhook, and attacks it') }, () => {
  const namespace = testNamespace('attack');
  webhookDeployed();
  const tenant = `system:serviceaccount:${namespace}:tenant`;
  before(async () => {
    await kubectl('-n', namespace, 'create', 'serviceaccount', 'tenant');
    const binding = ['--clusterrole=edit', `--serviceaccount=${namespace}:tenant`];
    await kubectl('-n', namespace, 'create', 'rolebinding', 'tenant', ...binding);
  });
  after(async () => assert.equal(await restarts(), 0, 'the webhook was restarted'));

  it('answers everybody while a workload posts megabytes that patterns would have met', async () => {
    const stop = new AbortController();
    const floods = Array.from({ length: 48 }, () => flood(stop.signal));
    const until = Date.now() + 30_000;
    const times: number[] = [];
    while (Date.now() < until) {
      const start = Date.now();
      const { stdout, stderr } = await asTenant(
        action(),
        'create',
        '--dry-run=server',
        '-o',
        'jsonpath={.spec.requestedBy}',
      );
      times.push(Date.now() - start);
      assert.equal(stdout, tenant, `not stamped: ${stderr}`);
      await sleep(200);
    }
    stop.abort();
    const answers = (await Promise.all(floods)).flat();
    assert.ok(times.length >= 5 && Math.max(...times) < AT_ONCE_MS, `${Math.max(...times)} ms`);
    assert.ok(answers.length > 48, `only ${answers.length} were answered`);
    for (const status of answers) assert.ok([200, 400, 413, 503].includes(status), String(status));
  });

  it('refuses 16 kB that are slow to read at once, and answers on', async () => {
    const query = '{{'.padEnd(16_384, ' ');
    const start = Date.now();
    const { exitCode, stderr } = await asTenant(template({}, { query }), 'apply');
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /spec\.query: line 1, column 1: write }} where this {{ is to end/);
    assert.ok(Date.now() - start < AT_ONCE_MS, `${Date.now() - start} ms`);
    const longer = await asTenant(template({}, { query: query.padEnd(16_385, ' ') }), 'apply');
    assert.match(longer.stderr, /spec\.query.*(Too long|16384)/);
  });

  it('reads such a query at once too, where it was stored while no webhook ran', async () => {
    await scaleTo(0);
    const stored = await asTenant(template({}, { query: '{{/*'.padEnd(16_384, '*/ ') }), 'apply');
    assert.equal(stored.exitCode, 0, stored.stderr);
    await scaleTo(2);
    const metric = { name: 'errors', templateRef: { name: 'error-rate' }, thresholdRange: { max: 1 } };
    const start = Date.now();
    const { exitCode, stderr } = await asTenant(
      canary({ provider: 'kubernetes', analysis: { metrics: [metric] } }),
      'apply',
    );
    assert.equal(exitCode, 0, stderr);
    assert.ok(Date.now() - start < AT_ONCE_MS, `${Date.now() - start} ms`);
    const { stdout } = await asTenant(action(), 'create', '--dry-run=server', '-o', 'jsonpath={.spec.requestedBy}');
    assert.equal(stdout, tenant);
  });

  it('and the definitions refuse control characters in what people are shown, with and without it', async () => {
    const wrong = action({ reason: '\u001B]0;approved\u0007' });
    assert.match((await asTenant(wrong, 'create')).stderr, /spec\.reason.*without control characters/);
  });

  function asTenant(manifest: ReturnType<typeof canary>, verb: string, ...args: string[]) {
    const object = { ...manifest, metadata: { ...manifest.metadata, namespace } };
    return tryKubectl(object, verb, '-f', '-', `--as=${tenant}`, ...args);
  }

  async function restarts(): Promise<number> {
    const path = 'jsonpath={.items[*].status.containerStatuses[*].restartCount}';
    const counts = await inNamespace('get', 'pods', '-l', 'app.kubernetes.io/name=canary-webhook', '-o', path);
    return counts.split(' ').reduce((sum, count) => sum + Number(count), 0);
  }
});

/** Posts one large review after the other until the signal aborts; the statuses of the answers. */
async function flood(signal: AbortSignal): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let round = 0; !signal.aborted; round += 1) {
    const status = await post(BODIES[round % BODIES.length] ?? '', signal);
    if (status !== undefined) statuses.push(status);
    else await sleep(20);
  }
  return statuses;
}

const digits = '1'.repeat(MB);
const review = (kind: string, object: object) =>
  JSON.stringify({
    ...{ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' },
    request: {
      ...{
        uid: 'u-1',
        kind: { group: 'flagger.app', version: 'v1beta1', kind },
        operation: 'CREATE',
        namespace: 'default',
      },
      ...{ name: 'podinfo', userInfo: { username: 'somebody' }, object },
    },
  });
const BODIES = [
  review('Canary', canary({ service: { timeout: digits } })),
  review('Canary', canary({ analysis: { interval: digits.replaceAll('1', '1.') } })),
  review('MetricTemplate', template({}, { query: '{{'.padEnd(MB, ' ') })),
  review('MetricTemplate', template({}, { query: '{{'.padEnd(16_384, ' ') })),
  review('Canary', canary({ analysis: { webhooks: Array.from({ length: 60_000 }, () => ({ name: 'x' })) } })),
  review('Canary', {}).replace('"object":{}', `"object":${'['.repeat(MB / 2)}${']'.repeat(MB / 2)}`),
];

/** `undefined` where the connection ended before there was an answer. */
function post(body: string, signal: AbortSignal): Promise<number | undefined> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const url = 'https://canary-webhook.kubectl-canary.svc:443/validate';
  return new Promise((resolve) => {
    const outgoing = request(url, { method: 'POST', headers, agent: false, rejectUnauthorized: false, signal });
    outgoing.on('response', (response) => resolve(response.resume().statusCode));
    outgoing.on('error', () => resolve(undefined));
    outgoing.end(body);
  });
}
