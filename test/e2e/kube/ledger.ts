import { type Clock, systemClock } from '../../../kube/clock.ts';
import { silentLog } from '../../../kube/log.ts';
import { startReflector } from '../../../kube/reflector.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import type { ConfigMap } from './config-map-writer.ts';

/** The writes of one holder, without a gap. */
export interface Reign {
  readonly holder: string;
  /** When the first and the last of its writes were seen, in milliseconds of the steady clock. */
  readonly firstAt: number;
  lastAt: number;
  writes: number;
}

/** A ConfigMap that leaders write into, and every write that the API server accepted, in its order. */
export interface Ledger {
  readonly reigns: readonly Reign[];
  /** Watches that had a gap: without one, no write was missed. */
  readonly gaps: number;
  close(): Promise<void>;
}

export async function openLedger(
  transport: Transport,
  namespace: string,
  name: string,
  clock: Clock = systemClock,
): Promise<Ledger> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await transport.request({ method: 'POST', path, body: { metadata: { name } } });
  const reigns: Reign[] = [];
  let lists = 0;
  const stop = new AbortController();
  const reflector = startReflector<ConfigMap>({
    ...{
      transport,
      path,
      query: { fieldSelector: `metadata.name=${name}` },
      signal: stop.signal,
      clock,
      log: silentLog,
    },
    metrics: { listed: () => lists++, watchEnded: () => undefined, heard: () => undefined },
    onChange(_key, object) {
      const holder = object?.data?.['holder'];
      if (holder === undefined) return;
      const now = clock.now();
      const last = reigns.at(-1);
      if (last?.holder !== holder) reigns.push({ holder, firstAt: now, lastAt: now, writes: 1 });
      else Object.assign(last, { lastAt: now, writes: last.writes + 1 });
    },
  });
  await reflector.synced;
  return {
    reigns,
    get gaps() {
      return lists - 1;
    },
    async close() {
      stop.abort();
      await reflector.ended;
    },
  };
}
