import { setTimeout as sleep } from 'node:timers/promises';
import { CANARIES } from '../../api/resources.ts';
import { collectionPath } from '../../kube/resource.ts';
import type { Transport } from '../../kube/transport/transport.ts';
import { atRate } from '../e2e/at-rate.ts';
import { kubectl } from '../e2e/kubectl.ts';
import { callTimes, reviewTimes } from '../e2e/webhook/review-times.ts';
import { cpuText, cpuTimes } from './cpu-by-program.ts';
import { followed } from './followed.ts';
import { inFreshNamespace } from './fresh-namespace.ts';
import { medianAndP99 } from './quantile.ts';
import { createCanaries, createTargets, namesOf, type ReleasedCanary, setImage } from './released-targets.ts';
import type { TakeRow } from './row.ts';

const TARGETS = 20;
const PER_SECOND = 200;
const SECONDS = 30;
/** As the API server calls it. */
const STAMPS = 'stamp-revision.flagger.app';

/** What the webhook adds to a change of a target that starts a release: with it, and then without it. It is installed. */
export async function benchSetImage(row: TakeRow, server: Transport): Promise<void> {
  await inFreshNamespace(server, 'bench-set-image', async (namespace) => {
    const names = namesOf(TARGETS);
    await createTargets(server, namespace, names);
    await createCanaries(server, namespace, names);
    const canaries = followed<ReleasedCanary>(server, collectionPath(CANARIES, namespace));
    await canaries.untilAll(names, 'Initialized', ({ status }) => status?.phase === 'Initialized');
    await canaries.close();

    const before = await reviewTimes('/stamp-revision');
    const callsBefore = await callTimes(server, STAMPS);
    const stamped = await patches(
      server,
      namespace,
      names,
      ({ revision, replicas }) => revision !== undefined && replicas === 1,
    );
    const { count, medianMs, p99Ms } = (await reviewTimes('/stamp-revision')).since(before);
    const calls = (await callTimes(server, STAMPS)).since(callsBefore);
    await kubectl('delete', 'mutatingwebhookconfigurations', '-l', 'app.kubernetes.io/part-of=kubectl-canary');
    // The API server hears of it a moment later.
    await sleep(2000);
    const plain = await patches(server, namespace, names, ({ replicas }) => replicas === 0);

    const ms = (value: number) => `${value.toFixed(1)} ms`;
    const rate = `${PER_SECOND} a second for ${SECONDS} s`;
    row(`set image (dry run) of a target, ${rate}`, medianAndP99(stamped.times, ms));
    row('the same without the webhook', medianAndP99(plain.times, ms));
    row('CPU of all programs for it, with the webhook', stamped.cpu);
    row('CPU of all programs for it, without', plain.cpu);
    row('of them with another answer than wanted', `${stamped.wrong} and ${plain.wrong}`);
    row(`the webhook’s own time for ${count} of them`, `${medianMs.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`, {
      aim: 'p99 5 ms',
    });
    row('a call of it as the API server has it', `${ms(calls.medianMs)}, p99 ${ms(calls.p99Ms)}`);
  });
}

async function patches(
  server: Transport,
  namespace: string,
  names: readonly string[],
  isRight: (answer: { readonly revision: string | undefined; readonly replicas: number }) => boolean,
): Promise<{ readonly times: readonly number[]; readonly wrong: number; readonly cpu: string }> {
  const times: number[] = [];
  let wrong = 0;
  const used = cpuTimes();
  const over = AbortSignal.timeout(SECONDS * 1000);
  await atRate(PER_SECOND, over, async (index) => {
    const name = names[index % names.length] ?? '';
    const sent = performance.now();
    try {
      const answer = await setImage(server, namespace, name, `scale.test/dry-${index}`, { dryRun: 'All' });
      times.push(performance.now() - sent);
      if (!isRight(answer)) wrong++;
    } catch {
      wrong++;
    }
  });
  return { times, wrong, cpu: cpuText(used, cpuTimes()) };
}
