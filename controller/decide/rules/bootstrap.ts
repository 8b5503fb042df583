// The first release of all, which analyses nothing: the primary is made beside the running target, and takes its place.
import { isRevision } from '../../../api/revision.ts';
import type { DeploymentFacts } from '../readiness.ts';
import type { Rule } from '../situation.ts';
import { changed, inPhase, iso, NO_RUN, NO_TRAFFIC } from '../status.ts';
import { normal, warning } from '../texts.ts';
import { waiting } from '../wait.ts';
import { primaryIsAsLarge, primaryIsFull, scalerIsCopied, scalerIsThere, scalerIsTrue } from './autoscaling.ts';
import { configsAreRead } from './configs.ts';
import { outlivesItsCanary, primaryIsThere, routeIsAccepted, routeIsTrue } from './standing.ts';

/** Whether the primary has not taken the target's place yet. A revision in Flagger's form says nothing to us. */
export function isBootstrapped(lastPromotedSpec: string | undefined): boolean {
  return isRevision(lastPromotedSpec);
}

const begin: Rule = (situation) => {
  const { status } = situation;
  if (status.phase === 'Initializing') return undefined;
  // A status that Flagger has left: what it was doing is not gone on with.
  const fresh = inPhase(situation, 'Initializing', {
    ...NO_RUN,
    failure: undefined,
    ...NO_TRAFFIC,
  });
  return { kind: 'move', status: fresh, notes: [] };
};

/** Envoy does not become ready for a Service that is not there: the Services come first. */
const backendServices: Rule = ({ services }) =>
  services.backends ? undefined : { kind: 'act', effect: { kind: 'apply services', apex: false } };

const primaryIsOurs: Rule = ({ primary }) =>
  primary?.revision === undefined ? { kind: 'act', effect: { kind: 'take over primary' } } : undefined;

/** A first revision that never served anybody is no reason to wait when the target has been mended and serves. */
const primaryFollowsTarget: Rule = ({ primary, target, status, canaryReadiness }) => {
  if (primary === undefined || target === undefined || primary.revision === target.revision) return undefined;
  if (status.lastPromotedSpec !== undefined || primary.availableReplicas > 0 || !isComingUp(primary)) return undefined;
  if (canaryReadiness?.kind !== 'ready') return undefined;
  const { revision } = target;
  if (status.lastAppliedSpec === revision) return { kind: 'act', effect: { kind: 'set primary', revision } };
  const first = { kind: 'keep revision', revision } as const;
  return { kind: 'move', first, status: changed(status, { lastAppliedSpec: revision }), notes: [] };
};

/** Of pods that were all there once, and may have served, it says `NewReplicaSetAvailable` also when they have fallen over. */
function isComingUp({ conditions }: DeploymentFacts): boolean {
  return conditions.some(({ type, reason }) => type === 'Progressing' && reason !== 'NewReplicaSetAvailable');
}

const primaryIsReady: Rule = ({ primaryReadiness, status }) => {
  if (primaryReadiness === undefined || primaryReadiness.kind === 'ready') return undefined;
  const { message } = primaryReadiness;
  return waiting(status, { reason: 'PrimaryReady', message, note: warning('WaitForPrimary', message) });
};

/** From here on the primary answers. The target still runs: no request is lost between the two. */
const apexService: Rule = ({ services }) =>
  services.apex ? undefined : { kind: 'act', effect: { kind: 'apply services', apex: true } };

/** Whoever still has the target's pods in a list, or a request to them under way, gets the time to notice. */
const targetIsDrained: Rule = ({ status, target, analysis, now }) => {
  if (target === undefined || target.replicas === 0) return undefined;
  const drained = Date.parse(status.drainedAt ?? '') || now + analysis.drainSeconds * 1000;
  if (drained <= now) return undefined;
  const until = Math.min(drained, now + analysis.drainSeconds * 1000);
  const message = 'traffic is leaving the pods of the target';
  return waiting(changed(status, { drainedAt: iso(until) }), { reason: 'Drain', message, until });
};

const targetIsScaledDown: Rule = ({ target }) =>
  target === undefined || target.replicas === 0
    ? undefined
    : { kind: 'act', effect: { kind: 'scale target', replicas: 0 } };

const finish: Rule = (situation) => {
  const { primary, primaryTitle, canaryTitle } = situation;
  const revision = primary?.revision;
  const change = { ...NO_RUN, lastAppliedSpec: revision, lastPromotedSpec: revision, failedChecks: 0, iterations: 0 };
  return {
    kind: 'move',
    status: inPhase(situation, 'Initialized', { ...change, ...NO_TRAFFIC }),
    notes: [normal('Initialize', `Canary ${canaryTitle} is initialized: ${primaryTitle} serves all traffic`)],
  };
};

export const BOOTSTRAP: readonly Rule[] = [
  begin,
  outlivesItsCanary,
  backendServices,
  configsAreRead,
  primaryIsThere,
  primaryIsOurs,
  primaryFollowsTarget,
  scalerIsThere,
  scalerIsCopied,
  primaryIsAsLarge,
  scalerIsTrue,
  primaryIsFull,
  primaryIsReady,
  apexService,
  routeIsTrue,
  routeIsAccepted,
  targetIsDrained,
  targetIsScaledDown,
  finish,
];
