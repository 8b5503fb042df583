import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { canary } from '../crd/manifest.ts';
import { apiServer } from '../e2e/api-server.ts';
import { dryRun } from '../e2e/crd/dry-run.ts';
import { kubectl } from '../e2e/kubectl.ts';
import { keepAdmitting } from '../e2e/webhook/admissions.ts';
import { reviewTimes } from '../e2e/webhook/review-times.ts';
import { msEach } from './ms-each.ts';
import { row } from './row.ts';

const NAMESPACE = 'bench-webhook';
const TIMES = 300;
const PER_SECOND = 200;
const SECONDS = 30;

/** What the webhook adds to applying a canary, beside the API server with the definitions alone. */
export async function benchWebhook(): Promise<void> {
  await kubectl('create', 'namespace', NAMESPACE);
  await kubectl('apply', '-k', 'manifests/crd');
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', 'crd/canaries.flagger.app');
  const server = await apiServer();
  try {
    const admit = () => dryRun(server, NAMESPACE, canary());
    const alone = await msEach(TIMES, admit);
    await execa('make', ['deploy'], { timeout: 240_000 });
    // kube-proxy takes a second to lead to a Service that is new.
    await sleep(3000);
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
    row('the webhook’s own time, median', `${medianMs.toFixed(2)} ms`);
    row('the webhook’s own time, p99', `${p99Ms.toFixed(2)} ms`);
  } finally {
    server.close();
    await kubectl('delete', '-k', 'manifests/webhook', '--ignore-not-found', '--wait=false');
    await kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  }
}
