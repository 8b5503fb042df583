// The primary's autoscaler: a copy of the target's as it was at the last promotion, within limits.
import { isDeepStrictEqual } from 'node:util';
import { autoscalerNames, primaryScalerName } from '../../../api/autoscaler-names.ts';
import type { Rule } from '../situation.ts';
import { changed } from '../status.ts';
import { normal } from '../texts.ts';
import { heldBy } from './standing.ts';

/** Of a canary that is new, or has just been given an autoscaler. */
export const scalerIsCopied: Rule = ({ autoscaler, status }) => {
  if (autoscaler?.ofTarget === undefined || status.scaler !== undefined) return undefined;
  return { kind: 'move', status: changed(status, { scaler: autoscaler.ofTarget }), notes: [] };
};

/** The target serves on until then: a primary that nobody scales must not take its place. */
export const scalerIsThere: Rule = (situation) => {
  const { autoscaler, status, refusals } = situation;
  if (autoscaler === undefined || status.scaler !== undefined) return undefined;
  const refusal = refusals.find(({ reason }) => reason === SCALER_MISSING);
  return refusal && heldBy(situation, refusal);
};

/** Why releases are held while the target's autoscaler is not there. */
export const SCALER_MISSING = 'AutoscalerMissing';

/** A canary that names another autoscaler, or none any more: two of them on one primary would scale nothing. */
export const scalerIsGivenUp: Rule = ({ canary, status, primaryTitle }) => {
  const { scaler } = status;
  if (scaler === undefined || autoscalerNames(canary.spec)?.target === scaler.name) return undefined;
  const name = primaryScalerName(scaler.name);
  const change = { scaler: undefined, primaryReplicas: undefined, primaryHeldUntil: undefined };
  return {
    kind: 'move',
    first: { kind: 'delete autoscaler', name },
    status: changed(status, change),
    notes: [normal('Autoscale', `HorizontalPodAutoscaler ${name} no longer scales ${primaryTitle}`)],
  };
};

/** Edited by hand, deleted, or not yet as the status wants it. */
export const scalerIsTrue: Rule = ({ autoscaler, status }) =>
  autoscaler === undefined || status.scaler === undefined || autoscaler.isTrue
    ? undefined
    : { kind: 'act', effect: { kind: 'apply autoscaler' } };

/** An idle primary that is about to take the place of a target under load has as many pods as that. */
export const primaryIsAsLarge: Rule = ({ autoscaler, target, status }) => {
  if (autoscaler === undefined || status.scaler === undefined) return undefined;
  const primaryReplicas = target?.replicas ?? 0;
  if (primaryReplicas <= (status.primaryReplicas ?? 0)) return undefined;
  return { kind: 'move', status: changed(status, { primaryReplicas }), notes: [] };
};

/** With more load than at the beginning of the run, the primary needs more pods than it had then. */
export const primaryHasGrown: Rule = ({ autoscaler, primary, status, desiredWeight }) => {
  const { primaryReplicas } = status;
  if (autoscaler === undefined || primary === undefined || primaryReplicas === undefined) return undefined;
  if (desiredWeight === 0 || primary.replicas <= primaryReplicas) return undefined;
  return { kind: 'move', status: changed(status, { primaryReplicas: primary.replicas }), notes: [] };
};

/**
 * What the autoscaler has taken away before it was held is given back at once. One that somebody has scaled to zero is no
 * autoscaler's any more.
 */
export const primaryIsFull: Rule = ({ autoscaler, primary, status: { primaryReplicas = 0 } }) => {
  if (autoscaler === undefined || primary === undefined || primary.replicas === 0) return undefined;
  if (primary.replicas >= primaryReplicas) return undefined;
  return { kind: 'act', effect: { kind: 'scale primary', replicas: primaryReplicas } };
};

/** All the traffic has been back for long enough: from here on the autoscaler is to be believed. */
export const primaryIsLetGo: Rule = ({ status, desiredWeight, now }) => {
  if (status.primaryReplicas === undefined || desiredWeight > 0) return undefined;
  const until = Date.parse(status.primaryHeldUntil ?? '');
  if (Number.isNaN(until) || until > now) return undefined;
  const change = { primaryReplicas: undefined, primaryHeldUntil: undefined };
  return { kind: 'move', status: changed(status, change), notes: [] };
};

/** What the target's autoscaler says by now goes with the revision, before its pods do. */
export const scalerIsPromoted: Rule = ({ autoscaler, primary, status, targetTitle, primaryTitle }) => {
  const { scaler, previousScaler, lastAppliedSpec } = status;
  const ofTarget = autoscaler?.ofTarget;
  if (ofTarget === undefined || scaler === undefined || primary?.revision === lastAppliedSpec) return undefined;
  // Of another name it is taken when the release is over.
  if (ofTarget.name !== scaler.name || isDeepStrictEqual(ofTarget, scaler)) return undefined;
  return {
    kind: 'move',
    status: changed(status, { scaler: ofTarget, previousScaler: previousScaler ?? scaler }),
    notes: [normal('Promote', `Copying the autoscaler of ${targetTitle} to ${primaryTitle}`)],
  };
};

/** A promotion that is undone is undone here too. */
export const scalerIsRestored: Rule = ({ status }) => {
  const { previousScaler, ending } = status;
  if (previousScaler === undefined || ending?.result === 'Succeeded') return undefined;
  return {
    kind: 'move',
    status: changed(status, { scaler: previousScaler, previousScaler: undefined }),
    notes: [],
  };
};
