import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import express from 'express';
import jsonpatch from 'fast-json-patch';

/**
 * The smallest real mutating webhook: labels every object that it is asked about. It shows that the sandbox's API server
 * reaches a webhook through its Service, over TLS that it verifies.
 *
 * Runs as the image `sandbox.test/node/label-webhook`, with `tls.crt` and `tls.key` mounted at /tls.
 */
interface AdmissionReview {
  readonly request: { readonly uid: string; readonly object: { metadata: { labels?: Record<string, string> } } };
}

const app = express();
app.use(express.json({ limit: '6mb' }));
app.post('/mutate', (request, response) => {
  const { uid, object } = (request.body as AdmissionReview).request;
  const labelled = structuredClone(object);
  labelled.metadata.labels = { ...labelled.metadata.labels, 'sandbox.test/seen-by': 'label-webhook' };
  const patch = Buffer.from(JSON.stringify(jsonpatch.compare(object, labelled))).toString('base64');
  response.json({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, allowed: true, patchType: 'JSONPatch', patch },
  });
});
app.get('/healthz', (_request, response) => void response.send('ok'));

const server = createServer({ cert: readFileSync('/tls/tls.crt'), key: readFileSync('/tls/tls.key') }, app);
server.listen(8443, () => console.log('listening on 8443'));
process.once('SIGTERM', () => server.close());
