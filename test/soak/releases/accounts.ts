// Whether everything that was asked for came to an end, and whether every end was asked for or is explained.
import type { FinishedRun } from '../../../api/generated/canary.ts';
import type { CanaryActionSpec } from '../../../api/generated/canary-action.ts';
import { isOfTemplate } from '../../../api/revision.ts';

/** A revision that was written on a target, or a change of what it is configured by. */
export interface Ask {
  /** Of the canary. */
  readonly key: string;
  /** `trial` may end either way. */
  readonly what: 'good' | 'bad' | 'trial' | 'revert' | 'config';
  /** The identity of the pod template alone. */
  readonly template: string;
  readonly atMs: number;
}

/** A run, as the canary's list of runs has it. */
export type Run = FinishedRun & { readonly key: string };

export interface AskedAction {
  readonly key: string;
  readonly name: string;
  readonly action: CanaryActionSpec['action'];
  readonly atMs: number;
  /** `Done: all traffic goes to the primary`; what was seen of it last. */
  readonly answer?: string;
}

export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Story {
  readonly asks: readonly Ask[];
  readonly runs: readonly Run[];
  readonly actions: readonly AskedAction[];
  /** When canaries were deleted. */
  readonly gone: readonly { readonly key: string; readonly atMs: number }[];
  /** When canaries were suspended, or there was none or one that was being initialized. */
  readonly held: readonly (Period & { readonly key: string })[];
  /** When the API server was away. */
  readonly away: readonly Period[];
}

export interface Accounts {
  /** Runs by how and why they ended. */
  readonly runs: ReadonlyMap<string, number>;
  /** Asks by what became of them. */
  readonly asks: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

/** The clocks of status and asks are one machine's, but an ask is written down before it is sent and a run after it was seen. */
const SLACK_MS = 3000;
/** A change of the target that is replaced within it may be overtaken by the next: what is under way then is ended first. */
const ONE_RUN_MS = 90_000;
/** Pods that were held up by an API server that was away come up a while later. */
const RECOVERY_MS = 60_000;
const HELD_UP: readonly string[] = [
  ...['CanaryDeadlineExceeded', 'ProgressDeadlineExceeded', 'PrimaryNotReady', 'RouteNotAccepted'],
];

export function accountsOf(story: Story): Accounts {
  const runs = new Map<string, number>();
  const asks = new Map<string, number>();
  const problems: string[] = [];
  for (const run of story.runs) {
    const problem = problemOf(run, story);
    count(runs, `${run.result} ${run.reason ?? ''}`);
    if (problem !== undefined) problems.push(`${run.key}: ${problem}: ${JSON.stringify(run)}`);
  }
  for (const ask of story.asks) {
    const end = endOf(ask, story);
    count(asks, `${ask.what}: ${end ?? 'nothing'}`);
    if (end === undefined) problems.push(`${ask.key}: nothing became of ${JSON.stringify(ask)}`);
  }
  for (const action of story.actions) {
    const isGone = story.gone.some(({ key, atMs }) => key === action.key && atMs > action.atMs - SLACK_MS);
    if (action.answer === undefined && !isGone) problems.push(`${action.key}: no answer to ${JSON.stringify(action)}`);
  }
  return { runs, asks, problems };
}

/** What is wrong with how a run ended. */
function problemOf(run: Run, { asks, actions, away }: Story): string | undefined {
  const { key, result, reason = '', message = '' } = run;
  if (reason === '' || message === '') return 'its end is not explained';
  const [fromMs, toMs] = [Date.parse(run.startedAt ?? '') - SLACK_MS, Date.parse(run.finishedAt ?? '') + SLACK_MS];
  if (!(fromMs < toMs)) return 'it has no time';
  const isMeanwhile = (each: { readonly key: string; readonly atMs: number }) =>
    each.key === key && each.atMs >= fromMs && each.atMs <= toMs;
  const wasAsked = (...wanted: readonly AskedAction['action'][]) =>
    actions.some((each) => isMeanwhile(each) && wanted.includes(each.action));
  const ofIt = asks.find((ask) => ask.key === key && ask.what !== 'config' && isOfTemplate(run.revision, ask.template));
  const isBad = asks.some((ask) => ask.what === 'bad' && ask.key === key && isOfTemplate(run.revision, ask.template));
  const isTrial = asks.some(
    (ask) => ask.what === 'trial' && ask.key === key && isOfTemplate(run.revision, ask.template),
  );
  switch (result) {
    case 'Succeeded':
      if (reason === 'PromotedByHand') return wasAsked('promote') ? undefined : 'nobody promoted it';
      return isBad ? 'a bad revision was promoted' : undefined;
    case 'Failed':
      if (reason === 'Rejected') return wasAsked('reject') ? undefined : 'nobody rejected it';
      if (isBad || isTrial) return undefined;
      if (HELD_UP.includes(reason) && away.some((each) => each.fromMs < toMs && each.toMs + RECOVERY_MS > fromMs))
        return undefined;
      return ofIt === undefined ? 'a revision failed that nobody asked for' : 'a good revision failed';
    case 'Superseded':
      return asks.some(isMeanwhile) ? undefined : 'nothing came after it';
    case 'Reverted':
      return asks.some(isMeanwhile) ? undefined : 'nobody took it back';
    case 'Aborted':
      return wasAsked('abort') ? undefined : 'nobody aborted it';
  }
}

/** What became of a revision; `undefined` where it was swallowed. */
function endOf(ask: Ask, { asks, runs, gone, held }: Story): string | undefined {
  const { key, what, template, atMs } = ask;
  const own = runs.find(
    (run) =>
      run.key === key && isOfTemplate(run.revision, template) && Date.parse(run.startedAt ?? '') >= atMs - SLACK_MS,
  );
  if (own !== undefined) return own.result;
  // There is nothing to release: that it came to rest so is seen on the target.
  if (what === 'revert') return 'at the promoted revision';
  const next = asks.find((each) => each.key === key && each.atMs > atMs);
  const untilMs = next?.atMs ?? Number.POSITIVE_INFINITY;
  if (gone.some((each) => each.key === key && each.atMs > atMs - SLACK_MS && each.atMs < untilMs + SLACK_MS))
    return 'the canary was deleted';
  const wasHeld = held.some((each) => each.key === key && each.fromMs < untilMs && each.toMs > atMs);
  return next !== undefined && (untilMs - atMs < ONE_RUN_MS || wasHeld) ? 'overtaken before it began' : undefined;
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
