// A canary that is deleted gives its target back first: its pods, then the Service and the route that lead to them. Until the
// target's pods are there, and whenever they are not, the primary answers; where it cannot be done, the primary stays.
import { FINALIZER } from '../../../api/keys.ts';
import type { Moves } from '../decision.ts';
import { type Readiness, readiness } from '../readiness.ts';
import { firstOf, type Rule, type Situation } from '../situation.ts';
import { ALL_TRAFFIC, changed, inPhase, isAllOnCanary, iso, NO_RUN, NO_TRAFFIC } from '../status.ts';
import { normal, warning } from '../texts.ts';
import { waiting } from '../wait.ts';
import { isBootstrapped } from './bootstrap.ts';
import { hasPod, routeIsTrue, trafficIsDrained } from './standing.ts';

/** Others hold it still, or nobody does and it is gone in a moment. */
const isNotHeld: Rule = ({ canary, deletion, status }) =>
  deletion !== undefined && canary.metadata.finalizers?.includes(FINALIZER) === true
    ? undefined
    : { kind: 'wait', status };

/** All that can be done has been, and in the last moment still is so. */
const isOver: Rule = (situation) => {
  const { status, names, target, targetTitle } = situation;
  if (status.phase !== 'Terminated') return undefined;
  const collects = status.failure === undefined;
  if (collects && !names.adopted) {
    if (target !== undefined && !hasPod(target)) return leftInPlace(situation, `${targetTitle} has no pod any more`);
    const undone = isHandedBack(situation) ?? gatewayFollows(situation);
    if (undone !== undefined) return undone;
  }
  return { kind: 'act', effect: { kind: 'let go', collects } };
};

/** Nothing is to be touched of what another canary has, or of what cannot be told. */
const isNotOurs: Rule = (situation) => {
  const refusal = situation.refusals.find(({ reason }) => reason === 'InvalidSpec' || reason === 'OwnedByAnother');
  return refusal && leftInPlace(situation, refusal.message);
};

/** The whole namespace goes, or the target does, with which goes all that is made for it: at once. */
const goesWithTheRest: Rule = ({ target, names, deletion }) => {
  const isBereft = !names.adopted && (target === undefined || target.isGoing === true);
  if (!isBereft && deletion?.namespaceIsGoing !== true) return undefined;
  return { kind: 'act', effect: { kind: 'let go', collects: false } };
};

const begin: Rule = (situation) => {
  const { status, target, names, canaryTitle, targetTitle } = situation;
  if (status.phase === 'Terminating') return undefined;
  const plain = names.adopted ? 'its primary keeps all traffic' : `${targetTitle} gets its pods and its traffic back`;
  const { lastPromotedSpec } = status;
  const isUnknown = isBootstrapped(lastPromotedSpec) && target !== undefined && target.revision !== lastPromotedSpec;
  const surprise = `${targetTitle} gets its pods and its traffic back, at a revision that was never promoted`;
  const change = { ...NO_RUN, failure: undefined, startedAt: undefined, failedChecks: 0, iterations: 0 };
  return {
    kind: 'move',
    status: inPhase(situation, 'Terminating', change),
    notes: [
      isUnknown && !names.adopted
        ? warning('Terminate', `Canary ${canaryTitle} is being deleted: ${surprise}`)
        : normal('Terminate', `Canary ${canaryTitle} is being deleted: ${plain}`),
    ],
  };
};

/** In its bootstrap, before anything leads to the primary: clients have had no other side than the target all the while. */
const hasTakenNothing: Rule = (situation) => {
  const { status, target, deletion, now } = situation;
  if (isBootstrapped(status.lastPromotedSpec)) return undefined;
  if (deletion?.service.isThere === true || deletion?.route.isThere === true) return undefined;
  const until = beganAt(situation) + COLLECTOR_MS;
  if (now < until) return waiting(status, { reason: 'Drain', message: 'what was made for it is about to go', until });
  // A target without pods may be one whose clients an earlier controller has led to its primary.
  return { kind: 'act', effect: { kind: 'let go', collects: (target?.replicas ?? 0) > 0 } };
};

/**
 * In the foreground the garbage collector takes the canary from the owners of what has two of them, as it has read them some time
 * before: what we write of them in that time is lost, and then nobody owns them. Wherever something is handed back, that takes longer.
 */
const COLLECTOR_MS = 5000;

/** A run ends here, whatever it has come to: while the target gets ready, whichever side has pods answers, the primary first. */
const healthySideAnswers: Rule = ({ status, primary, target, desiredWeight, deletion, names }) => {
  if (deletion?.route.isBack === true) return undefined;
  const { mirrorWeight = 0 } = status;
  if (hasPod(primary)) {
    const isSo = desiredWeight === 0 && mirrorWeight === 0;
    return isSo ? undefined : { kind: 'move', status: changed(status, NO_TRAFFIC), notes: [] };
  }
  if (!hasPod(target) || names.adopted || isAllOnCanary(status)) return undefined;
  return { kind: 'move', status: changed(status, ALL_TRAFFIC), notes: [] };
};

/** One of the user's own was there before, and stays with all traffic. */
const primaryStays: Rule = (situation) => {
  if (!situation.names.adopted) return undefined;
  return routeFollows(situation) ?? gatewayFollows(situation) ?? finish(situation);
};

/** Of objects that are gone none are made any more. */
const routeFollows: Rule = (situation) =>
  situation.deletion?.route.isThere === true ? routeIsTrue(situation) : undefined;

const apexFollows: Rule = ({ services, deletion }) =>
  deletion?.service.isThere !== true || services.apex
    ? undefined
    : { kind: 'act', effect: { kind: 'apply services', apex: true } };

/** Not for ever: somebody may change each time what we write. */
const primaryIsCalled: Rule = (situation) => {
  const isInTime = situation.now < givesUpAt(situation) + LAST_WORD_MS;
  // With pods on neither side it matters little, and those that are going may still answer.
  return isInTime && hasPod(situation.primary) ? (routeFollows(situation) ?? apexFollows(situation)) : undefined;
};

/** After the deadline, for traffic to be brought back to the primary. */
const LAST_WORD_MS = 30_000;

/** The next time that the traffic leaves the primary, it takes as long. */
const drainsAnew: Rule = ({ status }) =>
  status.drainedAt === undefined
    ? undefined
    : { kind: 'move', status: changed(status, { drainedAt: undefined }), notes: [] };

const outOfTime: Rule = (situation) => {
  const { now, targetTitle } = situation;
  if (now < givesUpAt(situation)) return undefined;
  const taken = targetReadiness(situation);
  return leftInPlace(situation, taken.kind === 'ready' ? `${targetTitle} did not take over in time` : taken.message);
};

/** As many as the primary has: it is about to have the primary's traffic. */
const targetIsSized: Rule = (situation) => {
  const replicas = wantedReplicas(situation);
  if (situation.target === undefined || situation.target.replicas >= replicas) return undefined;
  return { kind: 'act', effect: { kind: 'scale target', replicas } };
};

const targetIsAwaited: Rule = (situation) => {
  const taken = targetReadiness(situation);
  const message = taken.kind === 'ready' ? 'the target is ready' : taken.message;
  const note = warning('WaitForTarget', message);
  return waiting(situation.status, { reason: 'TargetReady', message, until: givesUpAt(situation), note });
};

/** While the target has not taken over, or no more can: all is as it was with the primary. */
const PRIMARY_SERVES: readonly Rule[] = [primaryIsCalled, drainsAnew, outOfTime, targetIsSized, targetIsAwaited];

const serviceIsBack: Rule = ({ deletion }) =>
  deletion?.service.isThere !== true || deletion.service.isBack
    ? undefined
    : { kind: 'act', effect: { kind: 'hand back service' } };

const routeIsBack: Rule = ({ deletion }) =>
  deletion?.route.isThere !== true || deletion.route.isBack
    ? undefined
    : { kind: 'act', effect: { kind: 'hand back route' } };

const isHandedBack: Rule = (situation) => {
  const undone = serviceIsBack(situation) ?? routeIsBack(situation);
  const isOutOfTime = undone !== undefined && situation.now >= givesUpAt(situation);
  return isOutOfTime ? leftInPlace(situation, `what ${situation.targetTitle} was given is taken away again`) : undone;
};

/** What a gateway has not taken up still leads to the primary. */
const gatewayFollows: Rule = (situation) => {
  const { deletion, names, now, status, route } = situation;
  if (deletion?.route.isThere !== true) return undefined;
  const acceptance = names.adopted ? route.acceptance : deletion.route.acceptance;
  if (acceptance === 'accepted') return undefined;
  const said = acceptance === 'pending' ? 'has not taken up' : 'refuses';
  const why = acceptance === 'pending' ? '' : `: ${acceptance.refused}`;
  const message = `the gateway ${said} route ${names.apexService}${why}`;
  if (now >= givesUpAt(situation)) return leftInPlace(situation, message);
  return waiting(status, { reason: 'RouteAccepted', message, until: givesUpAt(situation) });
};

const finish: Rule = (situation) => {
  const { canaryTitle, targetTitle, primaryTitle, refusals, names } = situation;
  // Whether the rest of it is still called, nobody can tell.
  const refusal = refusals.find(({ holds }) => holds === 'everything');
  if (refusal !== undefined) return leftInPlace(situation, refusal.message);
  const serves = names.adopted ? primaryTitle : targetTitle;
  const text = `Canary ${canaryTitle} is gone: ${serves} serves all traffic`;
  return {
    kind: 'move',
    status: inPhase(situation, 'Terminated', { waitingFor: undefined, drainedAt: undefined }),
    notes: [normal('Terminate', text)],
  };
};

const TARGET_SERVES: readonly Rule[] = [isHandedBack, gatewayFollows, trafficIsDrained, finish];

const primaryServes: Rule = (situation) => (canTakeOver(situation) ? undefined : firstOf(PRIMARY_SERVES, situation));

const targetServes: Rule = (situation) => firstOf(TARGET_SERVES, situation);

/** Ready as a primary has to be; and once it has been called, for as long as any of its pods can answer. */
function canTakeOver(situation: Situation): boolean {
  const { target, deletion } = situation;
  const hasTakenOver = deletion?.service.isBack === true || deletion?.route.isBack === true;
  if (hasTakenOver) return hasPod(target);
  return hasPod(target) && target.replicas >= wantedReplicas(situation) && targetReadiness(situation).kind === 'ready';
}

function wantedReplicas({ primary }: Situation): number {
  return Math.max(1, primary?.replicas ?? 1);
}

function targetReadiness({ target, analysis, now, deadlineMs, names }: Situation): Readiness {
  const message = `there is no ${names.target.kind} ${names.target.name}`;
  if (target === undefined) return { kind: 'progressing', message, stalledSinceMs: now };
  const thresholdPercent = Math.max(1, analysis.primaryReadyThreshold);
  return readiness(target, { thresholdPercent, now, deadlineMs, since: now, running: true });
}

function givesUpAt(situation: Situation): number {
  return beganAt(situation) + situation.deadlineMs;
}

function beganAt({ status, canary }: Situation): number {
  const began = Date.parse(status.lastTransitionTime ?? canary.metadata.deletionTimestamp ?? '');
  return Number.isNaN(began) ? 0 : began;
}

/**
 * The canary goes, and leaves what serves: the primary, the Services and the route are the target's from then on.
 *
 * @returns `undefined` where that has been said already
 */
export function leftInPlace(situation: Situation, why: string): Moves | undefined {
  const { status, canaryTitle, primaryTitle, now } = situation;
  if (status.phase === 'Terminated' && status.failure !== undefined) return undefined;
  const message = why.slice(0, 4096);
  const failure = { reason: 'LeftInPlace', message, failedAt: iso(now) };
  const text = `Canary ${canaryTitle} is gone and ${primaryTitle} stays with what leads to it, as its target has not got everything back: ${why}`;
  return {
    kind: 'move',
    status: inPhase(situation, 'Terminated', { ...NO_RUN, failure }, why.slice(0, 1024)),
    notes: [warning('Terminate', text)],
  };
}

export const DELETION: readonly Rule[] = [
  isNotHeld,
  isOver,
  isNotOurs,
  goesWithTheRest,
  begin,
  hasTakenNothing,
  healthySideAnswers,
  primaryStays,
  primaryServes,
  targetServes,
];
