// How a status is changed. Rules say what becomes of it, and `completed` adds what is in every status.
import { isMatched } from '../../api/analysis.ts';
import type {
  CanaryStatus,
  CheckStatus,
  Condition,
  FinishedRun,
  StatusSummary,
  WaitingFor,
} from '../../api/generated/canary.ts';
import { isOfTemplate, revisionOf, shortRevision } from '../../api/revision.ts';
import { promoted, seconds, withCondition } from './conditions.ts';
import { hasNewsOfConfigs, mayHavePods } from './configs.ts';
import { driftConditions } from './drift-condition.ts';
import { gatesAt } from './hooks-at.ts';
import type { TargetFacts } from './observation.ts';
import { isAtRest, type Situation } from './situation.ts';

type Phase = NonNullable<CanaryStatus['phase']>;
type Change = { readonly [Field in keyof CanaryStatus]: CanaryStatus[Field] | undefined };

/** At most this many runs are remembered. */
const MAX_HISTORY = 10;

/** The status with some fields set; those given as undefined are taken away. */
export function changed(status: CanaryStatus, change: Change): CanaryStatus {
  const after: Record<string, unknown> = { ...status, ...change };
  for (const field of Object.keys(change)) if (change[field as keyof Change] === undefined) delete after[field];
  return after;
}

/** The status in a phase, which may be the one that it is in. */
export function inPhase(situation: Situation, phase: Phase, change: Change, message?: string): CanaryStatus {
  const { status, now, canary } = situation;
  const { generation } = canary.metadata;
  const conditions = withCondition(status.conditions ?? [], promoted(phase, message), { now, generation });
  const lastTransitionTime = status.phase === phase ? status.lastTransitionTime : seconds(now);
  return changed(status, { ...change, phase, conditions, lastTransitionTime });
}

/** The status of a release at its beginning: nothing is on the canary and nothing has been checked. */
export function newRun(situation: Situation, revision: string): CanaryStatus {
  const { plan, now } = situation;
  const change = stampOf(situation);
  const fresh = changed(situation.status, {
    ...NO_RUN,
    lastAppliedSpec: revision,
    startedAt: iso(now),
    step: 0,
    steps: plan.length,
    ...NO_TRAFFIC,
    failedChecks: 0,
    iterations: 0,
    failure: undefined,
    ...cookiesOf(situation, revision),
    triggeredBy: change && { username: change.username, changedAt: change.changedAt },
  });
  const hasToBeConfirmed = gatesAt(situation, 'confirm-rollout').length > 0;
  return inPhase({ ...situation, status: fresh }, hasToBeConfirmed ? 'Waiting' : 'Progressing', {});
}

/**
 * Who made this very change of the pod template. `kubectl rollout undo` brings an old stamp back, and with the webhook away somebody
 * may write one that is older than the last: both count for nothing. Nor does the stamp of the last change of the template
 * where only configuration has changed since.
 */
function stampOf({ target, status }: Situation): TargetFacts['change'] {
  const change = target?.change;
  if (target === undefined || change === undefined || change.revision !== target.templateRevision) return undefined;
  const { triggeredBy, startedAt, target: seen } = status;
  const at = Date.parse(change.changedAt);
  if (!(at > (Date.parse(triggeredBy?.changedAt ?? startedAt ?? '') || 0))) return undefined;
  const latest = Date.parse(seen?.changedAt ?? '') || 0;
  const isSeen = at === latest && seen !== undefined && isOfTemplate(seen.revision, target.templateRevision);
  return at > latest || isSeen ? change : undefined;
}

/** Of the canary of this very run: a client that has one of another is split anew. */
function cookiesOf({ analysis, status, now }: Situation, revision: string): Change {
  const { sessionAffinity, iterations } = analysis;
  const previous = status.sessionAffinityCookie ?? status.previousSessionAffinityCookie;
  const hasNone = sessionAffinity === undefined || iterations !== undefined || isMatched(analysis);
  if (hasNone) return { ...NO_COOKIES, previousSessionAffinityCookie: previous };
  const value = shortRevision(revisionOf({ revision, at: now }));
  return {
    sessionAffinityCookie: `${sessionAffinity.cookieName}=${value}`,
    primarySessionAffinityCookie: undefined,
    previousSessionAffinityCookie: previous,
  };
}

const NO_COOKIES: Change = { sessionAffinityCookie: undefined, primarySessionAffinityCookie: undefined };

/** The release is over: traffic goes back, then the canary is cleared away, then the phase says how it ended. */
export function ending(
  situation: Situation,
  how: NonNullable<CanaryStatus['ending']>,
  change: Change = {},
): CanaryStatus {
  const { status } = situation;
  const text = how.message.slice(0, 1024);
  return changed(status, {
    waitingFor: undefined,
    nextCheckAt: undefined,
    ...(status.sessionAffinityCookie !== undefined && {
      ...NO_COOKIES,
      previousSessionAffinityCookie: status.sessionAffinityCookie,
    }),
    paused: undefined,
    ...change,
    ending: { ...how, message: text },
  });
}

/** What a run leaves behind in the list of runs, newest first. */
export function remembered({ status, now, plan }: Situation, run: Omit<FinishedRun, 'revision'>): Change {
  const finished: FinishedRun = {
    revision: status.lastAppliedSpec ?? '',
    weight: plan[(status.step ?? 0) - 1]?.weight ?? 0,
    failedChecks: status.failedChecks ?? 0,
    ...(status.startedAt === undefined ? {} : { startedAt: status.startedAt }),
    finishedAt: iso(now),
    ...(status.triggeredBy === undefined ? {} : { triggeredBy: status.triggeredBy }),
    ...run,
  };
  return { history: [finished, ...(status.history ?? [])].slice(0, MAX_HISTORY) };
}

/** The fields that are there only while a release is under way. */
export const NO_RUN: Change = {
  step: undefined,
  stepStartedAt: undefined,
  nextCheckAt: undefined,
  drainedAt: undefined,
  previousScaler: undefined,
  ending: undefined,
  paused: undefined,
  resumedAt: undefined,
  approvals: undefined,
  promotedBy: undefined,
  waitingFor: undefined,
  checks: undefined,
};

/** The canary gets nothing, and nobody a copy of anything. */
export const NO_TRAFFIC: Change = {
  desiredWeight: 0,
  canaryWeight: 0,
  matchedOnly: undefined,
  mirrorWeight: undefined,
};

/** A run that earns its traffic from its first step. */
export const FROM_THE_BEGINNING: Change = { ...NO_TRAFFIC, step: 0, nextCheckAt: undefined, stepStartedAt: undefined };

/** The canary answers everybody. */
export const ALL_TRAFFIC: Change = { ...NO_TRAFFIC, desiredWeight: 100, canaryWeight: 100, drainedAt: undefined };

/** Whether everybody is answered by the canary, and not only those whose requests fit. */
export function isAllOnCanary({ desiredWeight, matchedOnly }: CanaryStatus): boolean {
  return desiredWeight === 100 && matchedOnly !== true;
}

/** The status with what every status has: whose it is, what was seen, whether all is in order, and the short texts. */
export function completed(situation: Situation, status: CanaryStatus): CanaryStatus {
  const { canary, route, refusals, now } = situation;
  const { generation } = canary.metadata;
  return changed(status, {
    observedGeneration: generation,
    ...seenTarget(situation, status),
    actualWeight: route.canaryWeight,
    conditions: driftConditions(
      { ...situation, status },
      withCondition(status.conditions ?? [], readyOf(status, refusals), { now, generation }),
    ),
    summary: summaryOf(status),
  });
}

/** What is seen of the target. That its configuration has changed is written down with the change, as its pods stay as they are. */
function seenTarget({ target, status: before }: Situation, status: CanaryStatus): Change {
  if (target === undefined) return { target: undefined, stalePods: undefined };
  const isNews = hasNewsOfConfigs({ target, status: before });
  // What cannot be read stays as it was seen last.
  if (target.unread !== undefined) return isNews ? { stalePods: true } : {};
  const { revision, generation, uid, configs } = target;
  const isStale = status.stalePods === true || isNews;
  return {
    target: { revision, generation, uid, ...latestStamp(target, before) },
    trackedConfigs: Object.keys(configs).length === 0 ? undefined : configs,
    stalePods: isStale && mayHavePods(target) ? true : undefined,
  };
}

function latestStamp({ change }: TargetFacts, { target: seen }: CanaryStatus): { readonly changedAt?: string } {
  const [one, other] = [seen?.changedAt, change?.changedAt];
  const isLater = (Date.parse(other ?? '') || 0) > (Date.parse(one ?? '') || 0);
  const changedAt = isLater ? other : one;
  return changedAt === undefined ? {} : { changedAt };
}

/** Whether new revisions are released, and what somebody has to mend where they are not. */
function readyOf({ phase = '', waitingFor }: CanaryStatus, [refusal]: Situation['refusals']): Condition {
  const no = (reason: string, message: string): Condition => ({ type: 'Ready', status: 'False', reason, message });
  if (refusal !== undefined) return no(refusal.reason, refusal.message.slice(0, 1024));
  if (waitingFor !== undefined && NOT_READY.has(waitingFor.reason))
    return no(waitingFor.reason, waitingFor.message ?? '');
  if (phase === 'Terminating' || phase === 'Terminated') return no(phase, 'the canary is being deleted');
  if (phase === '' || phase === 'Initializing') {
    return no('Initializing', 'the primary, the Services and the route are being made');
  }
  return { type: 'Ready', status: 'True', reason: 'Ready', message: 'new revisions of the target are released' };
}

/** What is waited for that somebody has to mend. */
const NOT_READY: ReadonlySet<string> = new Set([
  ...[
    'TargetMissing',
    'PrimaryMissing',
    'PrimaryDrifted',
    'RouteRefused',
    'WriteRefused',
    'RevisionTampered',
    'RevisionMissing',
    'CopyTampered',
    'ConfigMissing',
    'ConfigUnread',
    'AutoscalerMissing',
  ],
]);

/** With milliseconds: what is waited for is not to end early. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function summaryOf(status: CanaryStatus): StatusSummary {
  const { step, steps, checks, waitingFor } = status;
  const showsStep = step !== undefined && steps !== undefined && steps > 0 && !isAtRest(status);
  return {
    ...(showsStep ? { step: `${step}/${steps}` } : {}),
    ...(checks === undefined || checks.length === 0 ? {} : { checks: checksOf(checks) }),
    ...(waitingFor === undefined ? {} : { next: nextOf(waitingFor) }),
  };
}

function checksOf(checks: readonly CheckStatus[]): string {
  return `${checks.filter(({ verdict }) => verdict === 'Pass').length}/${checks.length}`;
}

/** `StepInterval until 14:03:20`: short, and true for as long as it stands there. */
function nextOf({ reason, until }: WaitingFor): string {
  return until === undefined ? reason : `${reason} until ${until.slice(11, 19)}`;
}
