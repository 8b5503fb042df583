import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Transport } from '../../../kube/transport/transport.ts';
import type { Period } from './accounts.ts';
import { RELEASE_FAULTS, type ReleaseFaultName } from './faults.ts';
import { LEAST_MINUTES } from './memory.ts';

/** A fault that befell, from its beginning until all was well again. */
export interface Struck extends Period {
  readonly name: ReleaseFaultName;
  readonly takesServer: boolean;
}

export interface FaultPlan {
  readonly transport: Transport;
  /** When it ends, by `performance.now()`. */
  readonly over: number;
  readonly minutes: number;
  readonly seed: number;
  readonly calmMs: number;
  readonly say: (line: string) => void;
  readonly onStruck: (struck: Struck) => void;
}

/**
 * One fault after the other, all kinds in random order and then again. In the second half of a long trial the leader lives, as its
 * memory is followed.
 *
 * @returns what did not get well again
 */
export async function faultsUntil(plan: FaultPlan): Promise<readonly string[]> {
  const { transport, over, minutes, seed, calmMs, say, onStruck } = plan;
  const followed = minutes / 2 >= LEAST_MINUTES ? over - minutes * 30_000 : over;
  const all = Object.keys(RELEASE_FAULTS) as ReleaseFaultName[];
  const orders = fc.sample(fc.shuffledSubarray(all, { minLength: all.length }), { seed, numRuns: 100 });
  for (const name of orders.flat()) {
    const { takesServer, endsLeader, strike } = RELEASE_FAULTS[name];
    if (endsLeader && performance.now() > followed) continue;
    await sleep(calmMs);
    if (performance.now() > over) break;
    const fromMs = Date.now();
    try {
      await strike(transport);
    } catch (error) {
      return [`${name}: ${String(error)}`];
    }
    onStruck({ name, takesServer, fromMs, toMs: Date.now() });
    say(`${name}: well again after ${((Date.now() - fromMs) / 1000).toFixed(1)} s`);
  }
  return [];
}
