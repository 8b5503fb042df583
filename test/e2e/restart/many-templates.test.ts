// What a tenant can fill up: thousands of large MetricTemplates, AlertProviders and Canaries' annotations cost the webhook and
// the controller next to nothing.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ALERT_PROVIDERS, METRIC_TEMPLATES } from '../../../api/resources.ts';
import { collectionPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { apiServer } from '../api-server.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { forEach } from '../for-each.ts';
import { kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { NAMESPACE, webhookDeployed } from '../webhook/deployed.ts';

const COUNT = 2000;
const BYTES = 40_000;
/** What each process may grow by; with all of it in memory, the webhook grew by 250 MB. */
const GROWTH_MB = 120;
/** Of 256 MiB, where the memory guard is not near yet. */
const MOST_WEBHOOK_MB = 200;

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  }[];
}

describe('2,000 templates and providers of 40 kB', {
  concurrency: false,
  skip: sandboxOnly('it installs kubectl-canary, and starts it anew'),
}, () => {
  const namespace = testNamespace('large');
  let server: Transport;
  webhookDeployed();
  before(async () => {
    server = await apiServer();
  });
  after(() => server.close());

  it('leave the controller and the webhook small, while they come and when they are listed at a start', async () => {
    const first = await megabytes();
    const numbers = Array.from({ length: COUNT }, (_, index) => index);
    await forEach(numbers, 8, async (index) => {
      // A query has a bound of its own; annotations have etcd's alone.
      const metadata = { name: `t${index}`, namespace, annotations: { large: 'x'.repeat(BYTES) } };
      const provider = { type: 'prometheus', address: 'http://prometheus.monitoring:9090' };
      const [resource, spec] =
        index % 2 === 0
          ? [METRIC_TEMPLATES, { provider, query: 'up{a="{{ variables.team }}"}' }]
          : [ALERT_PROVIDERS, { type: 'slack', address: 'https://hooks.example.com' }];
      const body = { apiVersion: resource.apiVersion, kind: resource.kind, metadata, spec };
      await server.request({ method: 'POST', path: collectionPath(resource, namespace), body });
    });
    await assertSmall(first, 'while they came');
    for (const name of ['canary-controller', 'canary-webhook']) {
      await kubectl('-n', NAMESPACE, 'rollout', 'restart', `deployment/${name}`);
    }
    for (const name of ['canary-controller', 'canary-webhook']) {
      await kubectl('-n', NAMESPACE, 'rollout', 'status', `deployment/${name}`, '--timeout=180s');
    }
    await assertSmall(first, 'after a start');
  });

  /** The largest process of each Deployment. */
  async function megabytes(): Promise<Readonly<Record<string, number>>> {
    const largest: Record<string, number> = {};
    const { items } = await kubectlJson<Pods>('-n', NAMESPACE, 'get', 'pods');
    for (const { metadata } of items) {
      const path = `/api/v1/namespaces/${NAMESPACE}/pods/${metadata.name}:8080/proxy/metrics`;
      const text = await server.text({ path, accept: 'text/plain' });
      const bytes = Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
      const [app = ''] = /^canary-[a-z]+/.exec(metadata.name) ?? [];
      largest[app] = Math.max(largest[app] ?? 0, Math.round(bytes / 1e6));
    }
    return largest;
  }

  async function assertSmall(first: Readonly<Record<string, number>>, when: string): Promise<void> {
    const now = await eventually(megabytes);
    console.log(`${when}: ${JSON.stringify(first)} MB became ${JSON.stringify(now)} MB`);
    for (const [app, mb] of Object.entries(now)) {
      assert.ok(mb < (first[app] ?? 0) + GROWTH_MB, `${app} grew from ${first[app]} to ${mb} MB ${when}`);
    }
    assert.ok((now['canary-webhook'] ?? 0) < MOST_WEBHOOK_MB, `the webhook has ${now['canary-webhook']} MB ${when}`);
    const { items } = await kubectlJson<Pods>('-n', NAMESPACE, 'get', 'pods');
    const restarts = items.map(({ status }) => status.containerStatuses?.[0]?.restartCount);
    assert.ok(
      restarts.every((count) => count === 0),
      `restarts: ${restarts.join()}`,
    );
  }
});
