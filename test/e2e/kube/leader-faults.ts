import { setTimeout as sleep } from 'node:timers/promises';
import type { Candidate } from './candidate.ts';

/** What a fault finds: one candidate leads and writes, the others wait. */
export interface Stage {
  readonly leader: Candidate;
  readonly standbys: readonly Candidate[];
  /** Resolves when another than `leader` has written; the milliseconds from now until then. */
  readonly succession: () => Promise<number>;
}

/** What is done to candidates; the milliseconds that a succession took, where there had to be one. */
export type LeaderFault = (stage: Stage) => Promise<number | undefined>;

const HOUR_MS = 3_600_000;
/** Longer than a lease lasts, and shorter than one that was just renewed. */
const [LONG_MS, SHORT_MS] = [18_000, 8000];

/** By what they do to whom. */
export const LEADER_FAULTS = {
  'SIGTERM to the leader': async ({ leader, succession }) => {
    leader.signal('SIGTERM');
    return succession();
  },
  'SIGKILL to the leader': async ({ leader, succession }) => {
    leader.signal('SIGKILL');
    return succession();
  },
  'SIGKILL to the leader, the dates of the others an hour before and after': async ({
    leader,
    standbys,
    succession,
  }) => {
    standbys.forEach((candidate, index) => candidate.jump({ clock: 'date', ms: index === 0 ? HOUR_MS : -HOUR_MS }));
    leader.signal('SIGKILL');
    return succession();
  },
  'SIGSTOP to the leader, for longer than its lease': ({ leader, succession }) => stopLong(leader, succession),
  'SIGSTOP to the leader and its date an hour back, for longer than its lease': ({ leader, succession }) => {
    leader.jump({ clock: 'date', ms: -HOUR_MS });
    return stopLong(leader, succession);
  },
  'SIGSTOP to the leader for a moment, while the clocks of the others leap a minute': async ({ leader, standbys }) => {
    leader.signal('SIGSTOP');
    for (const candidate of standbys) candidate.jump({ clock: 'steady', ms: 60_000 });
    await sleep(SHORT_MS);
    leader.signal('SIGCONT');
    return undefined;
  },
  'SIGSTOP to one that waits, and SIGTERM to the leader': async ({ leader, standbys, succession }) => {
    standbys[0]?.signal('SIGSTOP');
    leader.signal('SIGTERM');
    const took = await succession();
    await sleep(LONG_MS);
    standbys[0]?.signal('SIGCONT');
    return took;
  },
  'the leader’s date an hour on': async ({ leader, succession }) => {
    leader.jump({ clock: 'date', ms: HOUR_MS });
    return succession();
  },
  'the leader’s date an hour back': async ({ leader }) => {
    leader.jump({ clock: 'date', ms: -HOUR_MS });
    await sleep(4000);
    return undefined;
  },
  'a leap of the leader’s clock by a minute': async ({ leader, succession }) => {
    leader.jump({ clock: 'steady', ms: 60_000 });
    return succession();
  },
} as const satisfies Readonly<Record<string, LeaderFault>>;

async function stopLong(leader: Candidate, succession: Stage['succession']): Promise<number> {
  leader.signal('SIGSTOP');
  const took = succession();
  await sleep(LONG_MS);
  leader.signal('SIGCONT');
  return took;
}

export type LeaderFaultName = keyof typeof LEADER_FAULTS;
