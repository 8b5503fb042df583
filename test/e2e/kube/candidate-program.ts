// Stands for election and, while it leads, writes into a ledger as fast as it is answered: candidate-program NAMESPACE LEASE
// LEDGER IDENTITY. Takes ClockJumps from its parent and tells it CandidateMessages. Ends when it is told to or has lost.
import { type Clock, pause, systemClock } from '../../../kube/clock.ts';
import { isConflict, KubeError } from '../../../kube/errors.ts';
import { connectionFromKubeConfig } from '../../../kube/kube-config/kube-config.ts';
import { electLeader } from '../../../kube/leader-election/leader-election.ts';
import type { Leadership } from '../../../kube/leader-election/leadership.ts';
import { silentLog } from '../../../kube/log.ts';
import { createTransport } from '../../../kube/transport/transport.ts';
import type { CandidateMessage, ClockJump } from './candidate-message.ts';
import type { ConfigMap } from './config-map-writer.ts';

const WRITE_EVERY_MS = 5;

const [namespace = '', name = '', ledger = '', identity = ''] = process.argv.slice(2);
const tell = (message: CandidateMessage) => void process.send?.(message);

const jumped = { date: 0, steady: 0 };
const clock: Clock = {
  now: () => systemClock.now() + jumped.steady,
  date: () => new Date(systemClock.date().getTime() + jumped.date),
  after: (ms, action) => systemClock.after(ms, action),
};
process.on('message', (jump: ClockJump) => {
  jumped[jump.clock] += jump.ms;
});

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const connection = await connectionFromKubeConfig({ env: process.env, clock });
const elections = createTransport({ connection, clock, log: silentLog });
const writes = createTransport({ connection, clock, log: silentLog });

const leadership = await electLeader({
  ...{ transport: elections, clock, log: silentLog, namespace, name, identity },
  signal: stop.signal,
});
if (leadership !== undefined) {
  tell({ kind: 'leads', holder: leadership.holder });
  await write(leadership);
  tell({ kind: 'ends', why: leadership.isHeld() ? 'told' : 'lost' });
  await leadership.release();
}
elections.close();
writes.close();
process.disconnect?.();

/**
 * Writes until it is told to end or the fence holds a write back. It asks nobody whether it still leads, and takes the ledger
 * as it finds it, whoever wrote it last: only fence and version are to keep it from writing too late.
 */
async function write(fence: Leadership): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/${ledger}`;
  let known: ConfigMap | undefined;
  let by: string | undefined;
  for (let count = 1; by !== 'fence' && !stop.signal.aborted; count++) {
    try {
      known ??= await writes.request<ConfigMap>({ path });
      const body = { ...known, data: { holder: fence.holder, count: String(count) } };
      known = await writes.request<ConfigMap>({ method: 'PUT', path, body, fence });
    } catch (error) {
      const refused = refusal(error);
      tell({ kind: 'refused', ...refused });
      by = refused.by;
      if (isConflict(error)) known = undefined;
    }
    await pause(clock, WRITE_EVERY_MS, stop.signal);
  }
}

function refusal(error: unknown): { by: 'fence' | 'server' | 'nobody'; reason: string } {
  const { status, reason } = error instanceof KubeError ? error : { status: 0, reason: String(error) };
  if (reason === 'NotLeader') return { by: 'fence', reason };
  return { by: status === 0 ? 'nobody' : 'server', reason };
}
