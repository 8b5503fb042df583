import { KubeError } from '../../../kube/errors.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { canary } from '../../crd/manifest.ts';
import { atRate } from '../at-rate.ts';
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

  const asked = await atRate(perSecond, signal, admit);
  return { asked, failures };
}
