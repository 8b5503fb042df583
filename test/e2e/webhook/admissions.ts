import { setTimeout as sleep } from 'node:timers/promises';
import { KubeError } from '../../../kube/errors.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { canary } from '../../crd/manifest.ts';
import { dryRun } from '../crd/dry-run.ts';

export interface Admissions {
  readonly asked: number;
  /** What came of those that were not answered as they should be. */
  readonly failures: readonly string[];
}

/**
 * Asks the API server so many times a second for what the webhook has to answer: canaries that are right, and canaries that
 * only the webhook can know to be wrong. None of them is kept. Stops when the signal aborts, and then waits for all answers.
 */
export async function keepAdmitting(
  server: Transport,
  namespace: string,
  perSecond: number,
  signal: AbortSignal,
): Promise<Admissions> {
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  const started = performance.now();
  let asked = 0;

  async function admit(index: number): Promise<void> {
    const right = index % 2 === 0;
    const metric = { name: 'up', query: right ? 'up' : 'up{{', interval: '1m', thresholdRange: { min: 1 } };
    const manifest = { ...canary({ analysis: { metrics: [metric] } }), metadata: { name: `load-${index}` } };
    const error = await dryRun(server, namespace, manifest).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const denied = error instanceof KubeError && error.message.includes('spec.analysis.metrics[0].query: line 1');
    if (right ? error !== undefined : !denied)
      failures.push(error instanceof Error ? error.message : 'was let through');
  }

  while (!signal.aborted) {
    // What could not be sent in time is sent now, so that a slow second does not lower the rate.
    for (const due = ((performance.now() - started) / 1000) * perSecond; asked < due; ) {
      const call = admit(asked++).finally(() => underWay.delete(call));
      underWay.add(call);
    }
    await sleep(5);
  }
  await Promise.all(underWay);
  return { asked, failures };
}
