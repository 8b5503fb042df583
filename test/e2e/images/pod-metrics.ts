import { readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer, request } from 'node:https';
import express from 'express';

/**
 * A metrics server whose pods use what a test says: GET /use?app=podinfo&cpu=450 at :8080 has the pods with that label share 450
 * millicores. At :8443 it is what an APIService of metrics.k8s.io leads to, over TLS, and horizontal pod autoscalers ask.
 *
 * Runs as the image `sandbox.test/node/pod-metrics`, with `tls.crt` and `tls.key` mounted at /tls and a ServiceAccount that may
 * list the pods of its namespace.
 */
const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const used = new Map<string, number>();

const metrics = express();
const group = { apiVersion: 'metrics.k8s.io/v1beta1' };
metrics.get('/apis/metrics.k8s.io/v1beta1', (_request, response) => {
  const pods = { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] };
  response.json({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group.apiVersion, resources: [pods] });
});
metrics.get('/apis/metrics.k8s.io/v1beta1/namespaces/:namespace/pods', async (asked, response) => {
  const { labelSelector = '' } = asked.query as { labelSelector?: string };
  const total = used.get(labelSelector);
  const names = total === undefined ? [] : await podNames(asked.params.namespace, labelSelector);
  const items = names.map((name) => ({
    metadata: { name, namespace: asked.params.namespace },
    timestamp: new Date().toISOString(),
    window: '1s',
    containers: [{ name: 'nothing', usage: { cpu: `${Math.round((total ?? 0) / names.length)}m`, memory: '1Mi' } }],
  }));
  response.json({ kind: 'PodMetricsList', ...group, metadata: {}, items });
});
metrics.get('/healthz', (_request, response) => void response.send('ok'));

/** Of one namespace; none where the ServiceAccount may not ask. */
function podNames(namespace: string, labelSelector: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(labelSelector)}`;
    const authorization = `Bearer ${readFileSync(`${account}/token`, 'utf8')}`;
    const ca = readFileSync(`${account}/ca.crt`);
    const asking = request(
      { host: process.env['KUBERNETES_SERVICE_HOST'], port: 443, path, ca, headers: { authorization } },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (text: string) => (body += text));
        answer.on('error', reject).on('end', () => {
          const { items = [] } = JSON.parse(body) as { items?: { metadata: { name: string } }[] };
          resolve(items.map(({ metadata }) => metadata.name));
        });
      },
    );
    asking.on('error', reject).end();
  });
}

const control = express();
control.get('/use', (asked, response) => {
  const { app = '', cpu = '0' } = asked.query as { app?: string; cpu?: string };
  used.set(`app=${app}`, Number(cpu));
  response.send('ok');
});

const server = createServer({ cert: readFileSync('/tls/tls.crt'), key: readFileSync('/tls/tls.key') }, metrics);
server.listen(8443, () => console.log('listening on 8443'));
const plain = createPlainServer(control);
plain.listen(8080, () => console.log('listening on 8080'));
process.once('SIGTERM', () => {
  server.close();
  plain.close();
});
