import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Chronicle } from './chronicle.ts';
import type { Member } from './member.ts';
import type { Player } from './moves.ts';

/** An answer that was not carried out is given again. */
const AGAIN_MS = 15_000;
const TURN_MS = 500;
const ANSWERS = ['approve', 'approve', 'approve', 'approve', 'approve', 'approve', 'approve', 'reject'] as const;

export interface GateOpener {
  /** From now on nothing is rejected or left waiting, and what is paused is resumed. */
  openAll(): void;
  stop(): Promise<void>;
}

/** A person who answers at the gates, after a while and mostly with yes. */
export function startGateOpener({
  fleet,
  chronicle,
  player,
  seed,
}: {
  fleet: readonly Member[];
  chronicle: Chronicle;
  player: Player;
  seed: number;
}): GateOpener {
  const answers = fc.sample(fc.constantFrom(...ANSWERS), { seed, numRuns: 500, unbiased: true });
  const lasts = new Map<string, { readonly question: string; readonly atMs: number }>();
  let [opensAll, isOver, given] = [false, false, 0];

  async function answer(member: Member): Promise<void> {
    const { waitingFor, paused, startedAt, lastAppliedSpec } = chronicle.canary(member.key)?.status ?? {};
    const gate = waitingFor?.reason === 'Approval' ? waitingFor.gate : undefined;
    const isResumed = opensAll && paused !== undefined;
    if (gate === undefined && !isResumed) return;
    const question = [gate, isResumed, startedAt, lastAppliedSpec].join(' ');
    const last = lasts.get(member.key);
    if (last?.question === question && Date.now() < last.atMs + AGAIN_MS) return;
    lasts.set(member.key, { question, atMs: Date.now() });
    if (isResumed) await player.act(member, { action: 'resume' });
    else if (gate !== undefined) {
      const action = opensAll ? 'approve' : (answers[given++ % answers.length] ?? 'approve');
      await player.act(member, { action, gate });
    }
  }

  const loop = (async () => {
    while (!isOver) {
      await Promise.all(fleet.map((member) => answer(member).catch(() => undefined)));
      await sleep(TURN_MS);
    }
  })();
  return {
    openAll() {
      opensAll = true;
    },
    async stop() {
      isOver = true;
      await loop;
    },
  };
}
