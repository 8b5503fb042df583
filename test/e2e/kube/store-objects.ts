import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Transport } from '../../../kube/transport/transport.ts';
import { eventually } from '../eventually.ts';
import { forEach } from '../for-each.ts';

const AT_A_TIME = 50;

/** ConfigMaps of a kilobyte of data, as programs have their settings in. */
export async function createConfigMaps(transport: Transport, namespace: string, count: number): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await forEach(Array(count).keys(), AT_A_TIME, async (index) => {
    const metadata = { name: `settings-${index}`, labels: { app: `app-${index}` } };
    const data = { 'settings.yaml': `id: ${randomBytes(480).toString('hex')}\n`, level: 'info' };
    await transport.request({ method: 'POST', path, body: { metadata, data } });
  });
}

/**
 * Deployments as podinfo's own, but without a replica; paused and without a deadline for progress, as their controller
 * would otherwise write four times to each of them, and make a ReplicaSet of it.
 */
export async function createDeployments(transport: Transport, namespace: string, count: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  await forEach(Array(count).keys(), AT_A_TIME, (index) =>
    transport.request({ method: 'POST', path, body: deployment(`app-${index}`) }),
  );
}

/** Resolves when their controller has nothing more to write into them. */
export async function deploymentsSettled(transport: Transport, namespace: string): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  await eventually(async () => {
    let page: Page | undefined;
    do {
      const query = { limit: 500, continue: page?.metadata.continue };
      page = await transport.request<Page>({ path, query });
      const open = page.items.filter(({ status }) => status?.observedGeneration !== 1).length;
      assert.equal(open, 0, `${open} Deployments have not been seen by their controller`);
    } while (page.metadata.continue !== undefined && page.metadata.continue !== '');
  }, 120_000);
}

interface Page {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly { readonly status?: { readonly observedGeneration?: number } }[];
}

function deployment(name: string): object {
  const labels = { app: name };
  const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '2000m', memory: '512Mi' } };
  const probe = (command: string) => ({
    exec: { command: ['podcli', 'check', 'http', command] },
    initialDelaySeconds: 5,
    timeoutSeconds: 5,
  });
  return {
    metadata: { name, labels, annotations: { 'example.com/owner': 'team-a' } },
    spec: {
      replicas: 0,
      paused: true,
      revisionHistoryLimit: 5,
      minReadySeconds: 3,
      progressDeadlineSeconds: 2_147_483_647,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9797' } },
        spec: {
          containers: [
            {
              name: 'podinfod',
              image: 'ghcr.io/stefanprodan/podinfo:6.9.1',
              imagePullPolicy: 'IfNotPresent',
              command: ['./podinfo', '--port=9898', '--port-metrics=9797', '--grpc-port=9999', '--level=info'],
              env: [{ name: 'PODINFO_UI_COLOR', value: '#34577c' }],
              ports: [
                { name: 'http', containerPort: 9898, protocol: 'TCP' },
                { name: 'http-metrics', containerPort: 9797, protocol: 'TCP' },
                { name: 'grpc', containerPort: 9999, protocol: 'TCP' },
              ],
              livenessProbe: probe('localhost:9898/healthz'),
              readinessProbe: probe('localhost:9898/readyz'),
              resources,
            },
          ],
        },
      },
    },
  };
}
