import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../kube/clock.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import { bundle } from './bundle.ts';
import { type Candidate, startCandidate } from './candidate.ts';
import type { CandidateMessage } from './candidate-message.ts';
import { LEADER_FAULTS, type LeaderFaultName } from './leader-faults.ts';
import { openLedger } from './ledger.ts';

const CANDIDATES = 3;
const PROGRAM = join(import.meta.dirname, 'candidate-program.ts');
/** No succession takes longer, on however busy a machine. */
const SUCCESSION_MS = 90_000;

export interface TrialOptions {
  readonly transport: Transport;
  readonly namespace: string;
  /** One after the other, each once a candidate leads. */
  readonly faults: Iterable<LeaderFaultName>;
  /** Told of each fault, and of what it took. */
  readonly say: (line: string) => void;
}

export interface TrialReport {
  readonly writes: number;
  /** Who wrote, in the order of their first writes. */
  readonly holders: readonly string[];
  /** Those who wrote again after another had written. */
  readonly returned: readonly string[];
  /** Gaps in what was seen of the writes. */
  readonly gaps: number;
  /** From the fault to the next holder's first write. */
  readonly successions: readonly { readonly fault: LeaderFaultName; readonly ms: number }[];
  /** Writes that were not done, by who prevented them. */
  readonly refused: Readonly<Record<'fence' | 'server' | 'nobody', number>>;
  readonly lost: number;
}

/** Three processes stand for election, and who leads writes, while faults befall them; each that ends is started anew. */
export async function runLeaderTrial({ transport, namespace, faults, say }: TrialOptions): Promise<TrialReport> {
  const [lease, name] = ['trial', 'ledger'];
  const ledger = await openLedger(transport, namespace, name);
  const { program, remove } = await bundle(PROGRAM);
  const refused = { fence: 0, server: 0, nobody: 0 };
  const successions: { fault: LeaderFaultName; ms: number }[] = [];
  const candidates: Candidate[] = [];
  let [started, lost, isOver] = [0, 0, false];

  const onMessage = (message: CandidateMessage): void => {
    if (message.kind === 'refused') refused[message.by]++;
    if (message.kind === 'ends' && message.why === 'lost') lost++;
  };

  async function keepStarted(index: number): Promise<void> {
    while (!isOver) {
      const identity = `c${++started}`;
      const candidate = startCandidate({ program, args: [namespace, lease, name], identity, onMessage });
      candidates[index] = candidate;
      await candidate.ended;
      if (!isOver) await sleep(500);
    }
  }

  /** Who wrote last, once that is one who still runs; and his writes go on. */
  async function leading(): Promise<Candidate> {
    const giveUp = performance.now() + SUCCESSION_MS;
    for (;;) {
      const reign = ledger.reigns.at(-1);
      const leader = candidates.find(({ identity }) => reign?.holder.startsWith(`${identity}/`));
      const writes = reign?.writes ?? 0;
      await sleep(200);
      const isFit = leader?.isRunning === true && !leader.isStopped;
      if (leader !== undefined && isFit && reign === ledger.reigns.at(-1) && (reign?.writes ?? 0) > writes)
        return leader;
      if (performance.now() > giveUp) throw new Error(`nobody leads; last was ${reign?.holder ?? 'nobody'}`);
    }
  }

  async function succession(after: number): Promise<number> {
    const from = systemClock.now();
    while (ledger.reigns.length === after) {
      if (systemClock.now() - from > SUCCESSION_MS)
        throw new Error(`nobody has followed ${ledger.reigns.at(-1)?.holder}`);
      await sleep(5);
    }
    return (ledger.reigns[after]?.firstAt ?? 0) - from;
  }

  const running = Array.from({ length: CANDIDATES }, (_, index) => keepStarted(index));
  try {
    for (const fault of faults) {
      const leader = await leading();
      const standbys = candidates.filter((candidate) => candidate !== leader && candidate.isRunning);
      const before = ledger.reigns.length;
      const ms = await LEADER_FAULTS[fault]({ leader, standbys, succession: () => succession(before) });
      if (ms !== undefined) successions.push({ fault, ms });
      say(ms === undefined ? fault : `${fault}: the next one wrote after ${(ms / 1000).toFixed(2)} s`);
    }
    // What was stopped may have something to say.
    await leading();
    await sleep(1000);
  } finally {
    isOver = true;
    for (const candidate of candidates) candidate.signal('SIGKILL');
    await Promise.all(running);
    await ledger.close();
    await remove();
  }

  const holders = ledger.reigns.map(({ holder }) => holder);
  return {
    writes: ledger.reigns.reduce((sum, { writes }) => sum + writes, 0),
    holders,
    returned: holders.filter((holder, index) => holders.indexOf(holder) < index),
    gaps: ledger.gaps,
    ...{ successions, refused, lost },
  };
}

/** `SIGTERM to the leader`: 0.02 to 0.31 s of 7. */
export function summary({ writes, holders, successions, refused, lost }: TrialReport): string[] {
  const lines = [
    `${writes} writes of ${holders.length} holders, ${lost} of whom lost the lease; not done: ${refused.fence} held back by ` +
      `the fence, ${refused.server} refused by the API server, ${refused.nobody} without an answer`,
  ];
  for (const fault of new Set(successions.map((each) => each.fault))) {
    const times = successions.filter((each) => each.fault === fault).map(({ ms }) => ms / 1000);
    lines.push(`${fault}: ${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)} s of ${times.length}`);
  }
  return lines;
}
