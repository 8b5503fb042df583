import { kubectl } from './kubectl.ts';

export interface PodinfoOptions {
  readonly name: string;
  readonly namespace: string;
  /** A tag of the image. @default '6.9.1' */
  readonly version?: string;
  /** @default 1 */
  readonly replicas?: number;
  /** Further flags of podinfo. */
  readonly flags?: readonly string[];
  /** A ConfigMap that is its environment. @default none */
  readonly environment?: string;
}

/** A Deployment of podinfo and its Service on port 9898, as podinfo's own manifests have them. */
export function podinfo(options: PodinfoOptions): object[] {
  const { name, namespace, version = '6.9.1', replicas = 1, flags = [], environment } = options;
  const labels = { app: name };
  const metadata = { name, namespace };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...metadata, labels },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9797' } },
          spec: {
            terminationGracePeriodSeconds: 5,
            containers: [
              {
                name: 'podinfo',
                image: `ghcr.io/stefanprodan/podinfo:${version}`,
                command: ['./podinfo', '--port=9898', '--port-metrics=9797', '--level=info', ...flags],
                ...(environment !== undefined && { envFrom: [{ configMapRef: { name: environment } }] }),
                ports: [
                  { name: 'http', containerPort: 9898 },
                  { name: 'http-metrics', containerPort: 9797 },
                ],
                readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1 },
                livenessProbe: {
                  exec: { command: ['podcli', 'check', 'http', 'localhost:9898/healthz'] },
                  // podcli itself waits for a second before it asks.
                  timeoutSeconds: 5,
                },
                resources: { requests: { cpu: '100m', memory: '64Mi' } },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, labels },
      spec: { selector: labels, ports: [{ name: 'http', port: 9898, targetPort: 'http' }] },
    },
  ];
}

/** Waits until a Deployment's rollout is done. */
export async function rolledOut(namespace: string, name: string): Promise<void> {
  try {
    await kubectl('-n', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=90s');
  } catch (error) {
    const why = await kubectl('-n', namespace, 'describe', 'pods');
    throw new Error(`deployment ${name} is not rolled out:\n${why}`, { cause: error });
  }
}
