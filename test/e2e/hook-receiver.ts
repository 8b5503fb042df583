/** The receiver of test/e2e/images/hook-receiver.ts and its Service. */
export function hookReceiver(namespace: string): readonly object[] {
  const labels = { app: 'hooks' };
  const metadata = { name: 'hooks', namespace };
  const readinessProbe = { httpGet: { path: '/calls', port: 8080 }, periodSeconds: 1 };
  const image = 'sandbox.test/node/hook-receiver';
  const containers = [{ name: 'receiver', image, ports: [{ containerPort: 8080 }], readinessProbe }];
  return [
    {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers } },
      },
    },
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata },
      spec: { selector: labels, ports: [{ port: 8080 }] },
    },
  ];
}
