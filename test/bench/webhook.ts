import { setTimeout as sleep } from 'node:timers/promises';
import { canary } from '../crd/manifest.ts';
import { apiServer } from '../e2e/api-server.ts';
import { dryRun } from '../e2e/crd/dry-run.ts';
import { kubectl } from '../e2e/kubectl.ts';
import { keepAdmitting } from '../e2e/webhook/admissions.ts';
import { reviewTimes } from '../e2e/webhook/review-times.ts';
import { benchSetImage } from './admission.ts';
import { everythingInstalled } from './everything-installed.ts';
import { msEach } from './ms-each.ts';
import type { TakeRow } from './row.ts';

const NAMESPACE = 'bench-webhook';
const WEBHOOKS = 'validatingwebhookconfigurations,mutatingwebhookconfigurations';
const TIMES = 300;
const PER_SECOND = 200;
const SECONDS = 30;

/** What the webhook adds to applying a canary, beside the API server with the definitions alone. */
export async function benchWebhook(row: TakeRow): Promise<void> {
  await kubectl('create', 'namespace', NAMESPACE);
  await kubectl('apply', '-k', 'manifests/crd');
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', 'crd/canaries.flagger.app');
  const server = await apiServer();
  try {
    // Of a benchmark before this one, or the user's own.
    await kubectl('delete', WEBHOOKS, '-l', 'app.kubernetes.io/part-of=kubectl-canary');
    const admit = () => dryRun(server, NAMESPACE, canary());
    const alone = await msEach(TIMES, admit);
    await everythingInstalled();
    const asked = await msEach(TIMES, admit);
    row('a canary applied (dry run), by the definitions alone, each', `${alone.toFixed(2)} ms`);
    row('the same with the webhook', `${(asked / alone).toFixed(2)} x`);

    const before = await reviewTimes();
    const stop = new AbortController();
    const admitting = keepAdmitting(server, NAMESPACE, PER_SECOND, stop.signal);
    await sleep(SECONDS * 1000);
    stop.abort();
    const { asked: count, failures } = await admitting;
    const { medianMs, p99Ms } = (await reviewTimes()).since(before);
    row(
      `admissions in ${SECONDS} s, ${PER_SECOND} a second; of them not answered as they should`,
      `${count}; ${failures.length}`,
    );
    row('the webhook’s own time for them', `${medianMs.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`, {
      aim: 'p99 5 ms',
    });
    await benchSetImage(row, server);
  } finally {
    server.close();
    await kubectl('delete', '-k', 'manifests/webhook', '--ignore-not-found', '--wait=false');
    await kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  }
}
