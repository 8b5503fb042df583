import type { Canary, CanaryStatus } from '../../../api/generated/canary.ts';
import type { CanaryAction } from '../../../api/generated/canary-action.ts';
import { CANARIES, CANARY_ACTIONS } from '../../../api/resources.ts';
import { systemClock } from '../../../kube/clock.ts';
import { silentLog } from '../../../kube/log.ts';
import { startReflector } from '../../../kube/reflector.ts';
import { collectionPath } from '../../../kube/resource.ts';
import type { Transport } from '../../../kube/transport/transport.ts';
import type { Ask, AskedAction, Period, Run, Story } from './accounts.ts';

/** Everything that was asked of the fleet, and everything that became of it; kept up through whatever happens to the API server. */
export interface Chronicle {
  readonly synced: Promise<unknown>;
  canary(key: string): Canary | undefined;
  /** Where a canary stood from shortly before until shortly after a moment. */
  around(key: string, atMs: number): string;
  asked(ask: Ask): void;
  acted(action: AskedAction): void;
  held(key: string, fromMs: number): void;
  story(away: readonly Period[]): Story;
  stop(): Promise<void>;
}

const [BEFORE_MS, AFTER_MS] = [3000, 1000];

/** @param prefix of the namespaces that it is about */
export function startChronicle(transport: Transport, prefix: string): Chronicle {
  const stopped = new AbortController();
  const runs = new Map<string, Run>();
  const asks: Ask[] = [];
  const actions: AskedAction[] = [];
  const answers = new Map<string, string>();
  const gone: { key: string; atMs: number }[] = [];
  const standings = new Map<string, { readonly atMs: number; readonly text: string }[]>();
  const held: (Period & { key: string })[] = [];
  const isOurs = (key: string) => key.startsWith(prefix);
  const following = { transport, signal: stopped.signal, clock: systemClock, log: silentLog };

  const canaries = startReflector<Canary>({
    ...following,
    path: collectionPath(CANARIES),
    onChange(key, canary, before) {
      if (!isOurs(key)) return;
      if (before !== undefined && before.metadata.uid !== canary?.metadata.uid) gone.push({ key, atMs: Date.now() });
      const known = standings.get(key) ?? [];
      const text = canary === undefined ? 'gone' : standingOf(canary.status ?? {});
      if (known.at(-1)?.text !== text) standings.set(key, [...known, { atMs: Date.now(), text }]);
      for (const run of canary?.status?.history ?? []) {
        runs.set([key, run.revision, run.startedAt, run.finishedAt].join(' '), { key, ...run });
      }
    },
  });
  const requests = startReflector<CanaryAction>({
    ...following,
    path: collectionPath(CANARY_ACTIONS),
    onChange(key, action) {
      const { phase = '', message = '' } = action?.status ?? {};
      if (isOurs(key) && phase !== '') answers.set(key, `${phase}: ${message}`);
    },
  });

  return {
    synced: Promise.all([canaries.synced, requests.synced]),
    canary: (key) => canaries.get(key),
    around(key, atMs) {
      const all = standings.get(key) ?? [];
      const first = all.findLastIndex((standing) => standing.atMs <= atMs - BEFORE_MS);
      const meant = all.slice(Math.max(0, first)).filter((standing) => standing.atMs <= atMs + AFTER_MS);
      return meant.map((standing) => `${new Date(standing.atMs).toISOString()} ${standing.text}`).join('; ');
    },
    asked: (ask) => void asks.push(ask),
    acted: (action) => void actions.push(action),
    held: (key, fromMs) => void held.push({ key, fromMs, toMs: Date.now() }),
    story(away) {
      const answered = actions.map((action) => {
        const [namespace = ''] = action.key.split('/');
        const answer = answers.get(`${namespace}/${action.name}`);
        return { ...action, ...(answer !== undefined && { answer }) };
      });
      return {
        ...{ asks: asks.toSorted((one, other) => one.atMs - other.atMs), runs: [...runs.values()] },
        ...{ actions: answered, gone, held, away },
      };
    },
    async stop() {
      stopped.abort();
      await Promise.all([canaries.ended, requests.ended]);
    },
  };
}

function standingOf({ phase, ending, desiredWeight = 0, actualWeight = 0, waitingFor, ...rest }: CanaryStatus): string {
  const weight = desiredWeight === actualWeight ? `${actualWeight} %` : `${actualWeight} % for ${desiredWeight} %`;
  return [
    `${phase ?? 'new'} at ${weight}`,
    ...(rest.lastAppliedSpec === undefined ? [] : [`of ${rest.lastAppliedSpec}`]),
    ...(ending === undefined ? [] : [`ending as ${ending.result}`]),
    ...(waitingFor === undefined ? [] : [`waits for ${waitingFor.reason}`]),
  ].join(', ');
}
