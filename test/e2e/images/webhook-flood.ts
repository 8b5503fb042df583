import { createServer } from 'node:http';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { canary, template } from '../../crd/manifest.ts';

/**
 * A workload that posts reviews of megabytes to our webhook, many at a time, until it is ended. It tells at :8080 how many
 * answers of each status there were.
 *
 * Runs as the image `sandbox.test/node/webhook-flood`.
 */
const AT_A_TIME = 48;
const MB = 2 ** 20;
const URL = 'https://canary-webhook.kubectl-canary.svc:443/validate';

const digits = '1'.repeat(MB);
const BODIES = [
  review('Canary', canary({ service: { timeout: digits } })),
  review('Canary', canary({ analysis: { interval: digits.replaceAll('1', '1.') } })),
  review('MetricTemplate', template({}, { query: '{{'.padEnd(MB, ' ') })),
  review('MetricTemplate', template({}, { query: '{{'.padEnd(16_384, ' ') })),
  review('Canary', canary({ analysis: { webhooks: Array.from({ length: 60_000 }, () => ({ name: 'x' })) } })),
  review('Canary', {}).replace('"object":{}', `"object":${'['.repeat(MB / 2)}${']'.repeat(MB / 2)}`),
];
const answers: Record<number, number> = {};

createServer((_, response) => void response.end(JSON.stringify(answers))).listen(8080);
process.once('SIGTERM', () => process.exit());
await Promise.all(Array.from({ length: AT_A_TIME }, flood));

/** Posts one large review after the other, for ever. */
async function flood(): Promise<void> {
  for (let round = 0; ; round += 1) {
    const status = await post(BODIES[round % BODIES.length] ?? '');
    if (status === undefined) await sleep(20);
    else answers[status] = (answers[status] ?? 0) + 1;
  }
}

/** `undefined` where the connection ended before there was an answer. */
function post(body: string): Promise<number | undefined> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const outgoing = request(URL, { method: 'POST', headers, agent: false, rejectUnauthorized: false });
    outgoing.on('response', (response) => resolve(response.resume().statusCode));
    outgoing.on('error', () => resolve(undefined));
    outgoing.end(body);
  });
}

function review(kind: string, object: object): string {
  return JSON.stringify({
    ...{ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' },
    request: {
      ...{ uid: 'u-1', kind: { group: 'flagger.app', version: 'v1beta1', kind }, operation: 'CREATE' },
      ...{ namespace: 'default', name: 'podinfo', userInfo: { username: 'somebody' }, object },
    },
  });
}
