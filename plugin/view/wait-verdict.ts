// Whether what is waited for is reached: of a canary, its target and what has been seen before, without a look at anything else.
import type { Canary, CanaryStatus } from '../../api/generated/canary.ts';
import { isOfTemplate, isRevision, shortRevision } from '../../api/revision.ts';
import type { ReleaseGoal, WaitGoal, WayGoal } from './wait-goal.ts';

/** What the target says of itself, beside what the controller has said of it. */
export interface TargetView {
  /** Of its pod template as it is now. */
  readonly templateRevision: string;
  /** When its pod template was changed last, where the webhook saw it. */
  readonly changedAt?: string | undefined;
}

export interface Waited {
  readonly canary: Canary;
  /** `undefined` where it was not read, or is not there. */
  readonly target?: TargetView | undefined;
  /** The one that is waited for, in full or as it begins. Without it, whatever the target is at. */
  readonly revision?: string | undefined;
  /** Whether a release has been seen under way since the waiting began. */
  readonly wasUnderWay: boolean;
  /** Whether it goes on waiting where a person has to do something. */
  readonly pastGates: boolean;
}

export type WaitVerdict =
  | { readonly kind: 'waiting' }
  /** The status is of before the target's last change: the target has to be looked at again soon. */
  | { readonly kind: 'unseen'; readonly message: string }
  | {
      /** `missed`: cannot be reached any more, without a failure. */
      readonly kind: 'reached' | 'failed' | 'missed' | 'at a gate';
      readonly message: string;
    };

const WAITING: WaitVerdict = { kind: 'waiting' };
const SUSPENDED: WaitVerdict = { kind: 'at a gate', message: 'suspended: spec.suspend is true' };

export function waitVerdict(goal: WaitGoal, waited: Waited): WaitVerdict {
  const { canary } = waited;
  if (goal.kind === 'deleted') return WAITING;
  if (goal.kind === 'ready') return ready(canary);
  const { phase = '' } = canary.status ?? {};
  if (phase === 'Terminating' || phase === 'Terminated') {
    return { kind: 'missed', message: 'the canary is being deleted' };
  }
  if (goal.kind === 'initialized') {
    return phase === '' || phase === 'Initializing' ? WAITING : { kind: 'reached', message: 'initialized' };
  }
  return otherRevision(goal, waited) ?? behind(goal, waited) ?? current(goal, waited);
}

/** Whether a release is on its way, or on its way back. */
export function isUnderWay({ phase = '', ending }: CanaryStatus): boolean {
  return ending !== undefined || UNDER_WAY.includes(phase);
}

const UNDER_WAY: readonly string[] = ['Waiting', 'Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'];

/** Whatever else a phase is called, nothing has ended in it. */
const AT_REST: readonly string[] = ['Initialized', 'Succeeded', 'Failed'];

function ready({ metadata, status = {} }: Canary): WaitVerdict {
  const condition = status.conditions?.find(({ type }) => type === 'Ready');
  const isNow = (condition?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return isNow && condition?.status === 'True' ? { kind: 'reached', message: 'ready' } : WAITING;
}

/** What became of the revision that is waited for, where the status is about another one. */
function otherRevision(goal: ReleaseGoal, { canary, target, revision }: Waited): WaitVerdict | undefined {
  if (revision === undefined) return undefined;
  const { lastAppliedSpec = '', lastPromotedSpec = '', history = [] } = canary.status ?? {};
  const known = [lastAppliedSpec, lastPromotedSpec, ...history.map((each) => each.revision)];
  if (new Set(known.filter((each) => each.startsWith(revision))).size > 1)
    return { kind: 'failed', message: `more than one revision begins with ${revision}: write more of it` };
  if (lastAppliedSpec.startsWith(revision)) return undefined;
  const run = history.find((each) => each.revision.startsWith(revision));
  const isPromoted = lastPromotedSpec.startsWith(revision);
  const full = isPromoted ? lastPromotedSpec : (run?.revision ?? revision);
  const isTarget =
    target !== undefined &&
    (isOfTemplate(full, target.templateRevision) || target.templateRevision.startsWith(revision));
  const short = shortRevision(full);
  // An older run of it says nothing about the one that is to come.
  if (isTarget) return { kind: 'unseen', message: `the controller has not begun with revision ${short}` };
  const newer = `revision ${shortRevision(lastAppliedSpec)} has come since`;
  if (isPromoted || run?.result === 'Succeeded') {
    const isGoal = goal.kind === 'promoted' || goal.kind === 'finished';
    return { kind: isGoal ? 'reached' : 'missed', message: `promoted: revision ${short}, ${newer}` };
  }
  if (run === undefined) {
    const message = `superseded: revision ${short} is neither released nor what the target is at, ${newer}`;
    return { kind: 'failed', message };
  }
  const isGoal = goal.kind === 'finished' || (goal.kind === 'failed' && hasFailed(run.result));
  const message = `${run.result.toLowerCase()}: revision ${short}: ${run.message ?? run.reason ?? newer}`;
  return { kind: isGoal ? 'reached' : 'failed', message };
}

function hasFailed(result: string): boolean {
  return result === 'Failed' || result === 'Aborted';
}

/** The status is of before the last change of the target, or of the canary itself. */
function behind(goal: ReleaseGoal, { canary, target, revision, pastGates }: Waited): WaitVerdict | undefined {
  const { metadata, status = {} } = canary;
  const { phase = '', lastAppliedSpec } = status;
  if (phase === '' || phase === 'Initializing' || isUnderWayUnheeded(status, revision)) return undefined;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    return { kind: 'unseen', message: 'the controller has not seen the last change of the canary' };
  }
  // Flagger's revisions cannot be compared.
  if (target === undefined || !isRevision(lastAppliedSpec)) return undefined;
  const isAnother = revision === undefined && !isOfTemplate(lastAppliedSpec, target.templateRevision);
  if (!isAnother && !isAskedAgain(status, target)) return undefined;
  const isEnd = goal.kind === 'promoted' || goal.kind === 'finished';
  if (canary.spec.suspend === true && isEnd && !pastGates) return SUSPENDED;
  return { kind: 'unseen', message: 'the controller has not begun with the last change of the target' };
}

/** A release of the very revision that is waited for, whatever else has changed. */
function isUnderWayUnheeded(status: CanaryStatus, revision: string | undefined): boolean {
  return revision !== undefined && isUnderWay(status);
}

/** The revision that failed was brought back: the controller tries it once more. */
function isAskedAgain({ phase, triggeredBy, startedAt }: CanaryStatus, { changedAt }: TargetView): boolean {
  return phase === 'Failed' && Date.parse(changedAt ?? '') > Date.parse(triggeredBy?.changedAt ?? startedAt ?? '');
}

function current(goal: ReleaseGoal, waited: Waited): WaitVerdict {
  const { canary, revision, wasUnderWay } = waited;
  const { status = {} } = canary;
  const isOver = !isUnderWay(status) && AT_REST.includes(status.phase ?? '');
  const failure = isOver ? failureOf(status, wasUnderWay) : undefined;
  const isPromoted = isOver && failure === undefined && status.phase !== 'Failed';
  // Before a release has begun, the end of the one before it is no end of the waiting.
  const isOfTheWait = wasUnderWay || revision !== undefined;
  const promoted = `promoted: revision ${shortRevision(status.lastPromotedSpec ?? '')}`;
  switch (goal.kind) {
    case 'promoted':
    case 'finished':
      if (isPromoted) return { kind: 'reached', message: promoted };
      if (failure === undefined) return atAGate(waited);
      return { kind: goal.kind === 'finished' ? 'reached' : 'failed', message: failure };
    case 'failed':
      if (failure !== undefined) return { kind: 'reached', message: failure };
      return isPromoted && isOfTheWait ? { kind: 'missed', message: promoted } : WAITING;
    case 'started':
    case 'paused':
    case 'gate':
    case 'weight': {
      const reached = isUnderWay(status) ? reachedOnTheWay(goal, status) : undefined;
      if (reached !== undefined) return { kind: 'reached', message: reached };
      if (!isOver || !isOfTheWait) return WAITING;
      if (failure !== undefined) return { kind: 'failed', message: failure };
      // Whoever was promoted has been given all there is.
      return { kind: goal.kind === 'weight' || goal.kind === 'started' ? 'reached' : 'missed', message: promoted };
    }
  }
}

/** How the last release ended, where it did not end well. */
function failureOf(status: CanaryStatus, wasUnderWay: boolean): string | undefined {
  const [run] = status.history ?? [];
  if (status.phase === 'Failed') {
    const { reason = 'Failed', message } = status.failure ?? run ?? {};
    return `failed: ${message === undefined ? reason : `${reason}: ${message}`}`;
  }
  return wasUnderWay && run?.result === 'Reverted'
    ? `reverted: ${run.message ?? 'the target was brought back'}`
    : undefined;
}

function reachedOnTheWay(goal: WayGoal, { paused, waitingFor, actualWeight = 0 }: CanaryStatus): string | undefined {
  switch (goal.kind) {
    case 'started':
      return 'started';
    case 'paused':
      return paused === undefined ? undefined : `paused${paused.by === undefined ? '' : ` by ${paused.by}`}`;
    case 'gate': {
      const gate = waitingFor?.reason === APPROVAL ? (waitingFor.gate ?? '') : undefined;
      return gate === undefined || (goal.gate !== undefined && goal.gate !== gate) ? undefined : `at gate ${gate}`;
    }
    case 'weight':
      return actualWeight >= goal.percent ? `at weight ${actualWeight}` : undefined;
  }
}

/** As the controller calls the wait for a gate that a person opens. */
const APPROVAL = 'Approval';

/** Whether nothing happens any more before a person does something. */
function atAGate({ canary, pastGates }: Waited): WaitVerdict {
  const { spec, status = {} } = canary;
  if (pastGates || !isUnderWay(status)) return WAITING;
  const { paused, waitingFor } = status;
  if (waitingFor?.reason === APPROVAL) {
    return { kind: 'at a gate', message: `at gate ${waitingFor.gate ?? ''}, which a person has to approve` };
  }
  if (paused !== undefined) {
    const by = paused.by === undefined ? '' : ` by ${paused.by}`;
    return { kind: 'at a gate', message: `paused${by}, until a person resumes it` };
  }
  return spec.suspend === true ? SUSPENDED : WAITING;
}
