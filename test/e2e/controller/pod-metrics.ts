import { createServingCertificate } from '../certificate.ts';
import { eventually } from '../eventually.ts';
import { getOk } from '../http.ts';
import { apply, kubectl } from '../kubectl.ts';
import { rolledOut } from '../podinfo.ts';

export interface PodMetrics {
  /** From now on all pods of a Deployment share so many millicores. */
  use(app: string, cpu: number): Promise<void>;
  /** The cluster has no metrics then. */
  remove(): Promise<void>;
}

/** Serves the metrics of pods to the cluster's autoscalers, about the pods of one namespace. */
export async function servePodMetrics(namespace: string): Promise<PodMetrics> {
  const name = 'pod-metrics';
  const { ca, cert, key } = await createServingCertificate(`${name}.${namespace}.svc`);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const metadata = { name, namespace };
  const labels = { app: name };
  const rbac = 'rbac.authorization.k8s.io/v1';
  const data = { 'tls.crt': base64(cert), 'tls.key': base64(key) };
  await apply(
    { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: rbac, kind: 'Role', metadata, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] },
    {
      ...{ apiVersion: rbac, kind: 'RoleBinding', metadata },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                ...{ name, image: `sandbox.test/node/${name}` },
                ports: [
                  { name: 'https', containerPort: 8443 },
                  { name: 'control', containerPort: 8080 },
                ],
                readinessProbe: { httpGet: { path: '/healthz', port: 'https', scheme: 'HTTPS' }, periodSeconds: 1 },
                volumeMounts: [{ name: 'tls', mountPath: '/tls', readOnly: true }],
              },
            ],
            volumes: [{ name: 'tls', secret: { secretName: name } }],
          },
        },
      },
    },
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata },
      spec: {
        selector: labels,
        ports: [
          { name: 'https', port: 443, targetPort: 'https' },
          { name: 'control', port: 8080, targetPort: 'control' },
        ],
      },
    },
  );
  await rolledOut(namespace, name);
  const apiService = 'v1beta1.metrics.k8s.io';
  const spec = { group: 'metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100 };
  await apply({
    ...{ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: apiService } },
    spec: { ...spec, service: { name, namespace, port: 443 }, caBundle: base64(ca) },
  });
  return {
    async use(app, cpu) {
      await eventually(() => getOk(`http://${name}.${namespace}:8080/use?app=${app}&cpu=${cpu}`));
    },
    // Left there without its server it would keep every namespace from being deleted.
    remove: async () => void (await kubectl('delete', 'apiservice', apiService)),
  };
}
