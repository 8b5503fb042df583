import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from '../../../kube/transport/transport.ts';
import { assertShare } from '../split.ts';
import type { Load, LoadReport } from './load.ts';
import { followStatus } from './release.ts';

/** What was answered while a weight was held, by a gateway that had the time to take it up. */
export interface ServedStep {
  readonly weight: number;
  readonly report: LoadReport;
}

export interface Served {
  readonly steps: readonly ServedStep[];
  /** All there was, between the steps too. */
  readonly requests: number;
  readonly statuses: ReadonlyMap<number, number>;
  readonly failures: LoadReport['failures'];
}

/** From the gateway's word that it has a weight until its Envoys split by it: a moment, or a second on a busy machine. */
const TAKEN_UP_MS = 1500;

/** Takes the load's reports as a release of the canary goes from weight to weight, until `stop`, which ends the load too. */
export function watchSteps(transport: Transport, namespace: string, load: Load, name = 'podinfo') {
  const stopped = new AbortController();
  const steps: ServedStep[] = [];
  const statuses = new Map<number, number>();
  let requests = 0;
  let failures: LoadReport['failures'] = [];
  let held: number | undefined;
  let isTakenUp = false;

  function counted(report: LoadReport): LoadReport {
    requests += report.requests;
    failures = [...failures, ...report.failures];
    for (const [status, count] of report.statuses) statuses.set(status, (statuses.get(status) ?? 0) + count);
    return report;
  }

  async function settle(weight: number): Promise<void> {
    await sleep(TAKEN_UP_MS);
    if (held !== weight || isTakenUp) return;
    counted(load.take());
    isTakenUp = true;
  }

  const following = followStatus(transport, namespace, stopped.signal, (status, of) => {
    if (of !== name) return;
    const { phase, ending, actualWeight, desiredWeight = 0 } = status;
    const isHeld = phase === 'Progressing' && ending === undefined && actualWeight === desiredWeight;
    const weight = isHeld && desiredWeight > 0 ? desiredWeight : undefined;
    if (weight === held) return;
    const report = counted(load.take());
    if (held !== undefined && isTakenUp) steps.push({ weight: held, report });
    held = weight;
    isTakenUp = false;
    if (weight !== undefined) void settle(weight);
  });

  return {
    async stop(): Promise<Served> {
      stopped.abort();
      await following;
      counted(await load.stop());
      return { steps, requests, statuses, failures };
    },
  };
}

/**
 * Asserts that these were the steps, and that at each of them as many answers came from the canary as its weight says: all
 * that are not of the primary's version, as those that failed name none.
 */
export function assertServed(
  steps: readonly ServedStep[],
  weights: readonly number[],
  { primary, atLeast }: { primary: string; atLeast: number },
): void {
  assert.deepEqual(
    steps.map(({ weight }) => weight),
    weights,
  );
  for (const { weight, report } of steps) {
    const { answered, byCanary } = countsOf(report, primary);
    assert.ok(answered >= atLeast, `${answered} answers at weight ${weight}, expected ${atLeast}`);
    assertShare(byCanary, answered, weight / 100);
  }
}

/** `25 %: 61 of 240`, for a test's diagnostics. */
export function servedText(steps: readonly ServedStep[], primary: string): string {
  return steps
    .map(({ weight, report }) => {
      const { answered, byCanary } = countsOf(report, primary);
      return `${weight} %: ${byCanary} of ${answered}`;
    })
    .join(', ');
}

function countsOf({ statuses, versions }: LoadReport, primary: string) {
  const answered = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  return { answered, byCanary: answered - (versions.get(primary) ?? 0) };
}
