// What people ask for. Each action is decided on once: the status write that carries it out has it in its list of decisions,
// and whoever is killed after that only answers.
import type { ActionDecision, FinishedRun } from '../../../api/generated/canary.ts';
import { NAMING_LENGTH, namesRevision, shortRevision } from '../../../api/revision.ts';
import type { Decision } from '../decision.ts';
import type { RequestedAction } from '../requested-action.ts';
import { isRunning, type Rule, type Situation } from '../situation.ts';
import { changed, iso } from '../status.ts';
import { normal } from '../texts.ts';
import { rejected, unchanged, type Verdict } from '../verdict.ts';
import { approve, reject } from './approving.ts';
import { isBootstrapped } from './bootstrap.ts';
import { pause, resume } from './pausing.ts';
import { promote } from './promoting.ts';
import { hasPod } from './standing.ts';
import { abort, retry } from './stopping.ts';

/** As many as the status takes. */
const MAX_DECISIONS = 20;
const MAX_MESSAGE = 1024;
/** Of a rejection, for programs: it is so already. */
const UNCHANGED = 'Unchanged';
/** These begin and move nothing. */
const WHILE_SUSPENDED: readonly RequestedAction['action'][] = ['pause', 'resume', 'approve'];

/** The oldest action that can be decided on; before it, the answer to one that was decided on already. */
export const actionIsDecided: Rule = (situation) => {
  const { actions, status } = situation;
  if (actions.length === 0 || usersComeFirst(situation)) return undefined;
  const { decisions = [] } = status;
  const answer = decisions.find(({ uid }) => actions.some((action) => action.uid === uid));
  if (answer !== undefined) return { kind: 'act', effect: { kind: 'answer action', answer } };
  for (const action of actions) {
    const verdict = verdictOn(situation, action);
    if (verdict.kind === 'asks') return verdict.decision;
    if (verdict.kind !== 'later') return written(situation, action, verdict);
  }
  return undefined;
};

/** Nobody is left without an answer by a canary that goes. */
export const answeredBeforeItGoes: Rule = (situation) =>
  situation.canary.metadata.deletionTimestamp === undefined ? undefined : actionIsDecided(situation);

/** Requests that fail are mended first, which takes a write or two. */
function usersComeFirst({ canary, refusals, status, target, route, desiredWeight }: Situation): boolean {
  const { metadata, spec } = canary;
  const isHeld = spec.suspend === true || refusals.some(({ holds }) => holds === 'everything');
  if (metadata.deletionTimestamp !== undefined || isHeld) return false;
  if (!isBootstrapped(status.lastPromotedSpec)) return false;
  if (desiredWeight === 0) return target !== undefined && !route.isTrue && (route.canaryWeight ?? 0) > 0;
  const isUnderWay = isRunning(status) || status.phase === 'Promoting' || status.ending !== undefined;
  const isBack = status.ending !== undefined && target?.revision === status.lastPromotedSpec;
  return isUnderWay && (!hasPod(target) || (target.revision !== status.lastAppliedSpec && !isBack));
}

function written(
  situation: Situation,
  { uid, name, action, requestedBy: by }: RequestedAction,
  verdict: Extract<Verdict, { readonly kind: 'done' | 'rejected' }>,
): Decision {
  const { canaryTitle, now } = situation;
  const message = verdict.message.slice(0, MAX_MESSAGE);
  const decision: ActionDecision = {
    ...{ uid, name, action, at: iso(now), message },
    ...(by !== undefined && { by }),
    result: verdict.kind === 'done' ? 'Done' : 'Rejected',
    ...(verdict.kind === 'rejected' && verdict.isUnchanged === true && { reason: UNCHANGED }),
  };
  const status = verdict.kind === 'done' ? verdict.status : situation.status;
  const decisions = [decision, ...(situation.status.decisions ?? [])].slice(0, MAX_DECISIONS);
  const refusal = normal('Reject', `Rejected ${action} of ${canaryTitle} by ${by ?? 'somebody'}: ${message}`);
  return {
    kind: 'move',
    status: changed(status, { decisions }),
    notes: verdict.kind === 'done' ? verdict.notes : [refusal],
    ...(verdict.kind === 'done' && verdict.first !== undefined && { first: verdict.first }),
  };
}

function verdictOn(situation: Situation, action: RequestedAction): Verdict {
  const why = whyNot(situation, action);
  if (why !== undefined) return typeof why === 'string' ? rejected(why) : why;
  switch (action.action) {
    case 'retry':
      return retry(situation, action);
    case 'promote':
      return promote(situation, action);
    case 'abort':
      return abort(situation, action);
    case 'pause':
      return pause(situation, action);
    case 'resume':
      return resume(situation, action);
    case 'approve':
      return approve(situation, action);
    case 'reject':
      return reject(situation, action);
  }
}

/** What holds for all of them. */
function whyNot(situation: Situation, action: RequestedAction): Verdict | string | undefined {
  const { canary, refusals, status, target } = situation;
  const { lastAppliedSpec: revision = '', ending } = status;
  const refusal = refusals.find(({ holds }) => holds === 'everything');
  if (canary.metadata.deletionTimestamp !== undefined) return 'the canary is being deleted';
  if (Date.parse(action.createdAt) < Date.parse(canary.metadata.creationTimestamp))
    return 'it was asked for before this canary was made, of another of its name';
  if (refusal !== undefined) return `nothing is done before this is mended: ${refusal.message}`;
  if (canary.spec.suspend === true && !WHILE_SUSPENDED.includes(action.action))
    return 'spec.suspend is true, and nothing moves before it is false';
  if (!isBootstrapped(status.lastPromotedSpec)) return 'the canary is being initialized, nothing is released yet';
  if (!namesRevision(action.revision, revision)) {
    return revision.startsWith(action.revision)
      ? `${action.revision} is too little of a revision, as others may begin so: write ${NAMING_LENGTH} characters of it or more`
      : `the canary is at revision ${shortRevision(revision)} by now`;
  }
  if (action.action === 'retry' && ending !== undefined) return undefined;
  if (target === undefined) return `there is no ${situation.names.target.kind} ${situation.names.target.name}`;
  if (target.revision !== revision) return `the target is at revision ${shortRevision(target.revision)} by now`;
  if (action.action === 'retry') return undefined;
  if (ending !== undefined) return over(action, ending.result, `the release is over: ${ending.message}`);
  if (isRunning(status) || status.phase === 'Promoting') return undefined;
  const [last] = status.history ?? [];
  const result = last?.revision === revision ? last.result : undefined;
  return over(action, result, `no release is under way: ${overSince(situation)}`);
}

/** Whoever wanted it promoted, or not promoted, and has it so, has pressed a second time. */
function over({ action }: RequestedAction, result: FinishedRun['result'] | undefined, message: string): Verdict {
  const isWanted =
    action === 'promote' || action === 'approve'
      ? result === 'Succeeded'
      : (action === 'abort' || action === 'reject') && result !== undefined && result !== 'Succeeded';
  return isWanted ? unchanged(message) : rejected(message);
}

function overSince({ status: { history: [last] = [] } }: Situation): string {
  return last === undefined ? 'there has been none yet' : `the last one has ended as ${last.result}`;
}
