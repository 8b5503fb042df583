// What tenants and workloads can do to the webhook, and through a stored object to the controller: nothing that others notice.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { action, canary, template } from '../../crd/manifest.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, tryKubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { inNamespace, scaleTo, webhookDeployed } from './deployed.ts';

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
    await floods();
    try {
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
        assert.equal(stdout, tenant, `not stamped after ${Date.now() - start} ms: ${stderr}`);
        await sleep(200);
      }
      assert.ok(times.length >= 5 && Math.max(...times) < AT_ONCE_MS, `${Math.max(...times)} ms`);
      const answers = await answersToFlood();
      const all = Object.values(answers).reduce((sum, count) => sum + count, 0);
      assert.ok(all > 48, `only ${all} were answered`);
      assert.deepEqual(
        Object.keys(answers).filter((status) => !['200', '400', '413', '503'].includes(status)),
        [],
      );
    } finally {
      await kubectl('-n', namespace, 'delete', 'pod', 'flood', '--grace-period=0', '--force');
    }
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

  /** A workload of the tenant’s that floods the webhook from its own address, as soon as it is answered. */
  async function floods(): Promise<void> {
    const containers = [{ name: 'flood', image: 'sandbox.test/node/webhook-flood', ports: [{ containerPort: 8080 }] }];
    await apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'flood', namespace }, spec: { containers } });
    await eventually(async () => assert.notDeepEqual(await answersToFlood(), {}), 60_000);
  }

  /** How many there were of each status. */
  async function answersToFlood(): Promise<Readonly<Record<string, number>>> {
    const path = `/api/v1/namespaces/${namespace}/pods/flood:8080/proxy/`;
    return JSON.parse(await kubectl('get', '--raw', path)) as Record<string, number>;
  }

  async function restarts(): Promise<number> {
    const path = 'jsonpath={.items[*].status.containerStatuses[*].restartCount}';
    const counts = await inNamespace('get', 'pods', '-l', 'app.kubernetes.io/name=canary-webhook', '-o', path);
    return counts.split(' ').reduce((sum, count) => sum + Number(count), 0);
  }
});
