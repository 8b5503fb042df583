import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { createServingCertificate } from '../certificate.ts';
import { sandboxOnly } from '../cluster.ts';
import { eventually } from '../eventually.ts';
import { apply, kubectl, kubectlJson } from '../kubectl.ts';
import { testNamespace } from '../namespace.ts';
import { rolledOut } from '../podinfo.ts';

describe('a mutating webhook', { skip: sandboxOnly('its image is one of the sandbox’s own') }, () => {
  const namespace = testNamespace('webhook');

  it('is called by the API server through its Service', async () => {
    const { ca, cert, key } = await createServingCertificate(`label-webhook.${namespace}.svc`);
    const labels = { app: 'label-webhook' };
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    await apply(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'tls', namespace },
        type: 'kubernetes.io/tls',
        data: { 'tls.crt': base64(cert), 'tls.key': base64(key) },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'label-webhook', namespace },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              containers: [
                {
                  name: 'webhook',
                  image: 'sandbox.test/node/label-webhook',
                  ports: [{ name: 'https', containerPort: 8443 }],
                  readinessProbe: { httpGet: { path: '/healthz', port: 'https', scheme: 'HTTPS' }, periodSeconds: 1 },
                  volumeMounts: [{ name: 'tls', mountPath: '/tls', readOnly: true }],
                },
              ],
              volumes: [{ name: 'tls', secret: { secretName: 'tls' } }],
            },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'label-webhook', namespace },
        spec: { selector: labels, ports: [{ port: 443, targetPort: 'https' }] },
      },
    );
    await rolledOut(namespace, 'label-webhook');
    await apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: namespace },
      webhooks: [
        {
          name: 'label.sandbox.test',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          timeoutSeconds: 5,
          clientConfig: { service: { name: 'label-webhook', namespace, path: '/mutate' }, caBundle: base64(ca) },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
        },
      ],
    });
    try {
      // A new webhook is taken up within a moment, not at once.
      await eventually(async () => {
        const name = `seen-${Date.now()}`;
        await kubectl('-n', namespace, 'create', 'configmap', name);
        const configMap = await kubectlJson<V1ConfigMap>('-n', namespace, 'get', 'configmap', name);
        assert.equal(configMap.metadata?.labels?.['sandbox.test/seen-by'], 'label-webhook');
      });
    } finally {
      await kubectl('delete', 'mutatingwebhookconfiguration', namespace);
    }
  });
});
