// ConfigMaps and Secrets that the pods of a target read.
import { mayHavePods } from '../configs.ts';
import type { Rule } from '../situation.ts';
import { changed, FROM_THE_BEGINNING, inPhase } from '../status.ts';
import { warning } from '../texts.ts';
import { waiting } from '../wait.ts';
import { routeIsAccepted, routeIsTrue, trafficIsDrained } from './standing.ts';

/** What cannot be read is neither a change nor none: nothing is started, promoted or ended on it. */
export const configsAreRead: Rule = ({ target, status, now, targetTitle }) => {
  const { unread } = target ?? {};
  if (unread === undefined) return undefined;
  const { reason, message, againMs } = unread;
  const note = warning('Hold', `Halt ${targetTitle} advancement ${message}`);
  const decision = waiting(status, { reason, message, note });
  return againMs === undefined ? decision : { ...decision, until: now + againMs };
};

/** Somebody deleted copies of the primary's: its pods are there until the next one has to start. */
export const copiesAreThere: Rule = ({ primary, status: { lastPromotedSpec } }) =>
  primary?.lacksCopies === true && lastPromotedSpec !== undefined
    ? { kind: 'act', effect: { kind: 'mend copies', revision: lastPromotedSpec } }
    : undefined;

/** Pods of the run that were started while its configuration could not be read, or before it was recorded, are not what is promoted. */
export const stalePodsServeNobody: Rule = (situation) => {
  const { status, desiredWeight, canaryTitle } = situation;
  if (status.stalePods !== true || desiredWeight === 0) return undefined;
  const text = `Halt ${canaryTitle} advancement pods may have read other ConfigMaps or Secrets, routing all traffic to primary`;
  return {
    kind: 'move',
    status: inPhase(situation, 'Progressing', FROM_THE_BEGINNING),
    notes: [warning('Halt', text)],
  };
};

/**
 * Pods read their environment when they start, and nothing replaces them when it changes. Those of before go, all of them,
 * before there are new ones: a Deployment that is scaled down and up again at once may keep its pods.
 */
export const stalePodsGo: Rule = (situation) => {
  const { target, status, targetTitle } = situation;
  if (status.stalePods !== true || target === undefined) return undefined;
  if (target.replicas > 0) {
    const scaleDown = { kind: 'act', effect: { kind: 'scale target', replicas: 0 } } as const;
    return routeIsTrue(situation) ?? routeIsAccepted(situation) ?? trafficIsDrained(situation) ?? scaleDown;
  }
  if (mayHavePods(target)) {
    const message = `pods of ${targetTitle} that have read other ConfigMaps or Secrets are going`;
    return waiting(status, { reason: 'StalePods', message });
  }
  // Those that come would be none better.
  if (target.unread !== undefined) return configsAreRead(situation);
  return { kind: 'move', status: changed(status, { stalePods: undefined, drainedAt: undefined }), notes: [] };
};
