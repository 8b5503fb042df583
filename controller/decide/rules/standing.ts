// What holds whatever a release does.

import { FINALIZER } from '../../../api/keys.ts';
import { isOfTemplate, isRevision } from '../../../api/revision.ts';
import { changedConfigs } from '../configs.ts';
import type { Waits } from '../decision.ts';
import { isDrifted, restoresAt } from '../drift.ts';
import type { Refusal } from '../observation.ts';
import type { DeploymentFacts } from '../readiness.ts';
import { isRunning, type Rule, type Situation } from '../situation.ts';
import { changed, ending, iso, NO_TRAFFIC } from '../status.ts';
import { warning } from '../texts.ts';
import { waiting } from '../wait.ts';

/** What cannot be carried out as it is written is not carried out at all: half of it would be another release. */
export const refused: Rule = (situation) => {
  const refusal = situation.refusals.find(({ holds }) => holds === 'everything');
  return refusal && heldBy(situation, refusal);
};

export function heldBy(situation: Situation, { reason, message, lookAgainMs }: Refusal): Waits {
  const { status, now, canaryTitle } = situation;
  const note = warning('Hold', `Halt ${canaryTitle} advancement ${message}`);
  const until = lookAgainMs === undefined ? undefined : now + lookAgainMs;
  const decision = waiting(status, { reason, message, note });
  // When it is looked at again says nothing of when it will be mended.
  return until === undefined ? decision : { ...decision, until };
}

/** A person wants everything to stand as it is. */
export const suspended: Rule = ({ canary, status, canaryTitle }) => {
  if (canary.spec.suspend !== true) return undefined;
  const note = { type: 'Normal', action: 'Suspend', text: `Canary ${canaryTitle} is suspended` } as const;
  return waiting(status, { reason: 'Suspended', message: 'spec.suspend is true: nothing is started or moved', note });
};

/** Without the target there are no canary pods: what is on them has to go to the primary. */
export const targetMissing: Rule = (situation) => {
  const { target, status, names, targetTitle } = situation;
  if (target !== undefined || status.ending !== undefined) return undefined;
  const { kind, name } = names.target;
  const message = `there is no ${kind} ${name}`;
  const note = warning('Hold', `${kind} ${targetTitle} is not there`);
  if (!isRunning(status) && status.phase !== 'Promoting')
    return waiting(status, { reason: 'TargetMissing', message, note });
  const how = { result: 'Aborted', reason: 'TargetMissing', message } as const;
  return { kind: 'move', status: ending(situation, how, NO_TRAFFIC), notes: [note] };
};

/**
 * The same object reads as another revision: an API server of a new version fills in fields that it did not before, or a
 * ConfigMap is followed now that was not before. Nobody has changed anything, so nothing is released; what was recorded is
 * recorded anew, also while nothing else is done.
 */
export const rereadTarget: Rule = ({ target, status }) => {
  const seen = status.target;
  if (target === undefined || seen === undefined || target.unread !== undefined) return undefined;
  if (seen.uid !== target.uid || seen.revision === target.revision) return undefined;
  const isSameTemplate = isOfTemplate(seen.revision, target.templateRevision);
  if (!isSameTemplate && seen.generation !== target.generation) return undefined;
  if (changedConfigs(status.trackedConfigs, target.configs).length > 0) return undefined;
  const { revision } = target;
  const renamed = (old: string | undefined) => (old === seen.revision ? revision : old);
  const record = status.primary;
  return {
    kind: 'move',
    first: { kind: 'keep revision', revision, renamedFrom: seen.revision },
    status: changed(status, {
      lastAppliedSpec: renamed(status.lastAppliedSpec),
      lastPromotedSpec: renamed(status.lastPromotedSpec),
      primary: record && { ...record, revision: renamed(record.revision) ?? record.revision },
    }),
    notes: [],
  };
};

/** Somebody deleted the primary: it is made anew, with what it ran or was about to run. Its shape is the target's. */
export const primaryIsThere: Rule = ({ primary, target, names, status, primaryTitle }) => {
  if (primary !== undefined || target === undefined) return undefined;
  if (names.adopted) {
    const message = `there is no Deployment ${names.primary}, which spec.primary names`;
    const note = warning('Hold', `Deployment ${primaryTitle} is not there`);
    return waiting(status, { reason: 'PrimaryMissing', message, note });
  }
  const isPromoting = status.phase === 'Promoting' && status.ending === undefined;
  const revision = isPromoting ? status.lastAppliedSpec : status.lastPromotedSpec;
  return { kind: 'act', effect: { kind: 'create primary', ...(isRevision(revision) && { revision }) } };
};

/** What somebody has written into the primary goes, where its user wants that. */
export const driftIsRestored: Rule = (situation) => {
  const { status, now } = situation;
  const at = isDrifted(situation) ? restoresAt(situation) : undefined;
  if (at === undefined || at > now || status.lastPromotedSpec === undefined) return undefined;
  return { kind: 'act', effect: { kind: 'set primary', revision: status.lastPromotedSpec } };
};

/** A canary is not to go before its target serves again, nor its primary with it where it goes all the same. */
export const outlivesItsCanary: Rule = ({ canary, primary, target }) => {
  if (canary.metadata.finalizers?.includes(FINALIZER) !== true) return { kind: 'act', effect: { kind: 'hold canary' } };
  if (primary?.outlivesCanary !== false || target === undefined) return undefined;
  return { kind: 'act', effect: { kind: 'share primary' } };
};

/** Whether it can serve: pods that somebody has scaled to zero are counted until they are gone. */
export function hasPod(facts: DeploymentFacts | undefined): facts is DeploymentFacts {
  return facts !== undefined && facts.replicas > 0 && facts.availableReplicas > 0;
}

/** Services that were edited, or whose description was. */
export const servicesAreTrue: Rule = ({ services }) =>
  services.backends && services.apex ? undefined : { kind: 'act', effect: { kind: 'apply services', apex: true } };

/** The route follows the status: one that was edited by hand, or not yet written when we were killed, is put right. */
export const routeIsTrue: Rule = ({ route, desiredWeight }) =>
  route.isTrue ? undefined : { kind: 'act', effect: { kind: 'route', canaryWeight: desiredWeight } };

/** What the gateway does not say it has taken up is not built on. */
export const routeIsAccepted: Rule = ({ status, route, names, canaryTitle, deadlineMs, now }) => {
  if (route.acceptance === 'accepted') return undefined;
  const asked = Date.parse(status.stepStartedAt ?? '');
  // The time at which a release under way gives up. One that has ended already cannot.
  const givesUp = isRunning(status) && status.ending === undefined && !Number.isNaN(asked);
  const until = givesUp ? asked + deadlineMs : undefined;
  if (route.acceptance === 'pending') {
    const message = `the gateway has not taken up route ${names.apexService} yet`;
    return waiting(status, { reason: 'RouteAccepted', message, until });
  }
  const message = `the gateway refuses route ${names.apexService}: ${route.acceptance.refused}`;
  const note = warning('Hold', `Halt ${canaryTitle} advancement ${message}`);
  const refusal = waiting(status, { reason: 'RouteRefused', message, until, note });
  // A route of the user's own that splits nothing is not watched yet.
  return { ...refusal, until: Math.min(until ?? Number.POSITIVE_INFINITY, now + LOOK_AGAIN_MS) };
};

/** How often it is looked whether somebody has mended what nobody tells us about. */
const LOOK_AGAIN_MS = 30_000;

/** The gateway has let go of the canary; what it had sent before gets the time to be answered. */
export const trafficIsDrained: Rule = ({ status, analysis, now }) => {
  const longest = now + analysis.drainSeconds * 1000;
  const until = Math.min(Date.parse(status.drainedAt ?? '') || longest, longest);
  if (status.drainedAt !== undefined && until <= now) return undefined;
  const message = 'the last requests to the canary are being answered';
  return waiting(changed(status, { drainedAt: iso(until) }), { reason: 'Drain', message, until });
};
