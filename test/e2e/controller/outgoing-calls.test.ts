// What a tenant's hooks and metric servers can do to others through the controller, tried as a ServiceAccount with `edit` in
// one namespace.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import type { CanaryStatus } from '../../../api/generated/canary.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { ADDRESSES } from '../../sandbox/cluster/addresses.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { hookReceiver } from '../hook-receiver.ts';
import { getOk } from '../http.ts';
import { apply, kubectl } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { rolledOut } from '../podinfo.ts';
import { scaleDeployment } from '../scale.ts';
import { canaryOf, eventsOf, initializedCanary, untilPhase } from './release.ts';

const SECOND = 'scale.test/second';
const QUICK = { interval: '1s', threshold: 1, stepWeights: [50], drainSeconds: 0 };
const TOKEN = 't0k3n-of-a-Secret';
const CONTROLLERS = 'kubectl-canary';

describe('calls that a tenant has the controller make,', {
  concurrency: false,
  skip: sandboxOnly('its pods have an image that only the sandbox has'),
}, () => {
  const tenant = testNamespace('tenant');
  const other = testNamespace('other');
  let server: Transport;
  before(async () => {
    server = await apiServer();
    await kubectl('-n', tenant, 'create', 'serviceaccount', 'tenant');
    const subject = `--serviceaccount=${tenant}:tenant`;
    await kubectl('-n', tenant, 'create', 'rolebinding', 'tenant', '--clusterrole=edit', subject);
    // Who releases through a gateway has been given its routes.
    const routes = ['--verb=create,patch', '--resource=httpproxies.projectcontour.io'];
    await kubectl('-n', tenant, 'create', 'role', 'routes', ...routes);
    await kubectl('-n', tenant, 'create', 'rolebinding', 'routes', '--role=routes', subject);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hooks', namespace: tenant } };
    await apply({ ...secret, stringData: { token: TOKEN } }, ...hookReceiver(tenant), ...hookReceiver(other));
    for (const namespace of [tenant, other]) {
      await rolledOut(namespace, 'hooks');
      await eventually(() => getOk(`http://hooks.${namespace}:8080/calls`), 60_000);
    }
  });
  after(() => server.close());

  /** Applies as the tenant. */
  async function applyAsTenant(...objects: readonly object[]): Promise<void> {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const as = `--as=system:serviceaccount:${tenant}:tenant`;
    await eventually(() => execa('kubectl', ['apply', as, '-f', '-'], { input }), 30_000);
  }

  const change = (namespace: string, name: string) =>
    kubectl('-n', namespace, 'set', 'image', `deployment/${name}`, `nothing=${SECOND}`);

  /** What the tenant gets to read of a hook of its own: of the release that it fails. */
  async function toldOf(name: string, webhook: object): Promise<{ failure: string; all: string }> {
    const webhooks = [{ name: 'hook', type: 'pre-rollout', timeout: '5s', ...webhook }];
    const analysis = { ...QUICK, webhooks };
    await applyAsTenant(scaleDeployment(tenant, name, 1), canaryOf(tenant, { analysis }, name));
    await untilPhase(server, tenant, name, 'Initialized');
    await change(tenant, name);
    const status = await untilPhase(server, tenant, name, 'Failed');
    const events = await eventsOf(tenant, name);
    return { failure: status.failure?.message ?? '', all: JSON.stringify([status, events]) };
  }

  describe('to addresses that are not for tenants', { concurrency: 4 }, () => {
    const API = 'an address of the API server';
    const HOSTS: readonly (readonly [title: string, url: string, why: string])[] = [
      ['the controller’s own port', 'http://127.0.0.1:8080/metrics', '127.0.0.1 is loopback'],
      ['loopback as IPv6 has it', 'http://[::ffff:127.0.0.1]:8080/', '::ffff:7f00:1 is loopback'],
      ['loopback in hexadecimal', 'http://0x7f.1:8080/metrics', '127.0.0.1 is loopback'],
      ['a name that leads to loopback', 'http://localhost:8080/metrics', 'is loopback'],
      ['no address in particular', 'http://0.0.0.0:8080/metrics', '0.0.0.0 is unspecified'],
      ['credentials of the cloud', 'http://169.254.169.254/latest/meta-data/', '169.254.169.254 is link-local'],
      ['the API server', `https://${ADDRESSES.apiService}/version`, `${ADDRESSES.apiService} is ${API}`],
      ['the API server by its name', 'https://kubernetes.default.svc/version', `${ADDRESSES.apiService} is ${API}`],
      ['the API server behind its Service', `${ADDRESSES.apiServer}/version`, `${ADDRESSES.node} is ${API}`],
      ['a Service of the tenant’s that is the API server', `https://api.${tenant}/version`, `is ${API}`],
    ];
    before(() =>
      applyAsTenant({
        ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'api', namespace: tenant } },
        spec: { type: 'ExternalName', externalName: 'kubernetes.default.svc.cluster.local' },
      }),
    );
    for (const [index, [title, url, why]] of HOSTS.entries()) {
      it(`are not made: ${title}, ${url.replace(tenant, 'tenant')}`, async () => {
        const { failure, all } = await toldOf(`to-${index}`, { url, disableTLS: true });
        assert.ok(failure.includes(`${new URL(url).origin} was not called: `), failure);
        assert.ok(failure.includes(why), failure);
        assert.ok(failure.includes('--egress-allow'), failure);
        assert.doesNotMatch(all, /workqueue|gitVersion|Forbidden|Unauthorized|answered \d/);
      });
    }

    it('are not made to a metric server either', async () => {
      const analysis = { ...QUICK, metrics: [{ name: 'errors', query: 'vector(1)', thresholdRange: { max: 5 } }] };
      const spec = { metricsServer: 'http://127.0.0.1:8080', analysis };
      await applyAsTenant(scaleDeployment(tenant, 'metrics', 1), canaryOf(tenant, spec, 'metrics'));
      await untilPhase(server, tenant, 'metrics', 'Initialized');
      await change(tenant, 'metrics');
      const { checks = [] } = await untilPhase(server, tenant, 'metrics', 'Failed');
      assert.match(checks[0]?.message ?? '', /127\.0\.0\.1 is loopback: the controller calls it only where/);
    });
  });

  describe('and that are refused', { concurrency: 4 }, () => {
    it('are told in the server’s own words where it is a Service of the namespace', async () => {
      const { failure } = await toldOf('own', { url: `http://hooks.${tenant}:8080/gate/shut` });
      assert.match(failure, /answered 403: closed by hand/);
    });

    it('are told by their status alone where it is one of another', async () => {
      const { failure, all } = await toldOf('others', { url: `http://hooks.${other}:8080/gate/shut` });
      assert.ok(
        failure.includes(`answered 403: its answer is shown only where it is a Service of namespace ${tenant}`),
      );
      assert.ok(!all.includes('closed by hand'), all);
    });

    it('are told by their status alone where a Service of the namespace is another name for one of another', async () => {
      await applyAsTenant({
        ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'alias', namespace: tenant } },
        spec: { type: 'ExternalName', externalName: `hooks.${other}.svc.cluster.local` },
      });
      const { failure, all } = await toldOf('aliased', { url: `http://alias.${tenant}:8080/gate/shut` });
      assert.match(failure, /answered 403: its answer is shown only where/);
      assert.ok(!all.includes('closed by hand'), all);
    });
  });

  it('and whose answers never end take neither memory nor the leader', async () => {
    const headers = [{ name: 'X-Token', valueFrom: { secretKeyRef: { name: 'hooks', key: 'token' } } }];
    const names = Array.from({ length: 10 }, (_, index) => `flood-${index}`);
    const first = await leaderFacts();
    const all = await Promise.all(
      names.map((name) => toldOf(name, { url: `http://hooks.${tenant}:8080/flood/${name}`, headers, retries: 3 })),
    );
    for (const { failure, all: told } of all) {
      assert.match(failure, /answered 403: \*\*\* \*\*\*/);
      assert.ok(!told.includes(TOKEN.slice(0, 6)), told);
    }
    const now = await leaderFacts();
    assert.deepEqual([now.pod, now.restarts], [first.pod, first.restarts]);
    assert.ok(now.megabytes < first.megabytes + 60, `${first.megabytes} MB became ${now.megabytes} MB`);
  });

  it('and that take long hold nobody else’s release up', async () => {
    const late = `http://hooks.${tenant}:8080`;
    const metrics = Array.from({ length: 16 }, (_, index) => ({
      ...{ name: `m${index}`, query: 'vector(1)', thresholdRange: { max: 5 } },
    }));
    const hook = { name: 'slow', type: 'rollout', timeout: '60s', url: `${late}/slower/x` };
    const names = Array.from({ length: 40 }, (_, index) => `late-${index}`);
    const objects = names.flatMap((name, index) => {
      const analysis = { ...QUICK, threshold: 100, metrics, ...(index % 2 === 0 && { webhooks: [hook] }) };
      return [scaleDeployment(tenant, name, 1), canaryOf(tenant, { metricsServer: `${late}/late`, analysis }, name)];
    });
    await applyAsTenant(...objects);
    for (const name of names) await untilPhase(server, tenant, name, 'Initialized');
    const analysis = { ...QUICK, webhooks: [{ name: 'ok', type: 'rollout', url: `http://hooks.${other}:8080/ok/x` }] };
    await initializedCanary(server, other, 'alone', { analysis });
    const alone = await releaseSeconds('alone');
    await initializedCanary(server, other, 'beside', { analysis });
    await Promise.all(names.map((name) => change(tenant, name)));
    for (const name of names) {
      await untilPhase(server, tenant, name, 'Progressing');
    }
    // By then all of them wait for their servers.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const beside = await releaseSeconds('beside');
    assert.ok(beside < alone + 5, `${alone} s alone, ${beside} s beside them`);
    const waiting = await Promise.all(names.map((name) => waitingFor(name)));
    const running = waiting.filter((reason) => reason === 'MetricsRunning' || reason === 'HookRunning');
    assert.ok(running.length >= 10, waiting.join());
  });

  async function waitingFor(name: string): Promise<string> {
    return kubectl('-n', tenant, 'get', 'canary', name, '-o', 'jsonpath={.status.waitingFor.reason}');
  }

  async function releaseSeconds(name: string): Promise<number> {
    const begun = performance.now();
    await change(other, name);
    const { history = [] }: CanaryStatus = await untilPhase(server, other, name, 'Succeeded');
    assert.equal(history[0]?.result, 'Succeeded');
    return Math.round((performance.now() - begun) / 100) / 10;
  }

  interface LeaderFacts {
    readonly pod: string;
    readonly restarts: string;
    readonly megabytes: number;
  }

  async function leaderFacts(): Promise<LeaderFacts> {
    const holder = await kubectl(
      ...['-n', CONTROLLERS, 'get', 'lease', 'kubectl-canary-controller', '-o', 'jsonpath={.spec.holderIdentity}'],
    );
    const pod = holder.replace(/_[^_]*$/, '');
    const restarts = await kubectl(
      ...['-n', CONTROLLERS, 'get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}'],
    );
    const path = `/api/v1/namespaces/${CONTROLLERS}/pods/${pod}:8080/proxy/metrics`;
    const metrics = await server.text({ path, accept: 'text/plain' });
    const bytes = Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]);
    return { pod, restarts, megabytes: Math.round(bytes / 1e6) };
  }
});
