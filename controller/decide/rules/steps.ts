// The steps of an analysis: each is held at its weight, and then judged.
import { isMatched } from '../../../api/analysis.ts';
import { durationMs } from '../../../api/duration.ts';
import { ask, hasPassed, passedNotes, stillClosed } from '../hooks.ts';
import type { Rule, Situation } from '../situation.ts';
import { changed, FROM_THE_BEGINNING, iso } from '../status.ts';
import { normal, warning } from '../texts.ts';
import { waiting } from '../wait.ts';
import { advance, halted, outcomeOf, promotion } from './advancing.ts';
import { failed } from './failing.ts';
import { heldBy, routeIsAccepted } from './standing.ts';

/** Of an interval in another notation than Go's, such as Graphite's `1min`. */
const DEFAULT_WINDOW_MS = 60_000;

/** A user's own decision that readiness is enough. */
export const analysisIsSkipped: Rule = (situation) =>
  situation.canary.spec.skipAnalysis === true ? promotion(situation, {}, []) : undefined;

/** An analysis that was edited meanwhile to one without steps: no step left is not every step passed. */
export const planIsThere: Rule = (situation) => {
  if (situation.plan.length > 0) return undefined;
  const noSteps = { reason: 'NoSteps', message: 'spec.analysis has no steps', holds: 'releases' } as const;
  return heldBy(situation, situation.refusals[0] ?? noSteps);
};

/** Weights that become some of all requests, or of those that fit, are others: from the beginning. */
export const weightsAreOfTheSame: Rule = ({ status, desiredWeight, analysis }) => {
  if (desiredWeight === 0 || (status.matchedOnly === true) === isMatched(analysis)) return undefined;
  return { kind: 'move', status: changed(status, FROM_THE_BEGINNING), notes: [] };
};

export const firstStep: Rule = (situation) => {
  const { status, desiredWeight, targetTitle, now, intervalMs } = situation;
  if (desiredWeight > 0 || (status.step ?? 0) > 0) return undefined;
  const again = Date.parse(status.nextCheckAt ?? '');
  if (again > now) {
    const until = Math.min(again, now + intervalMs);
    const message = 'the canary has no traffic yet, and is tried again then';
    return waiting(status, { reason: 'StepInterval', message, ...stillClosed(status), until });
  }
  const before = ask(situation, 'pre-rollout');
  if (before.kind === 'asked') return before.decision;
  if (!before.checks.every(hasPassed)) return halted(situation, before.checks);
  const begun = normal('Start', `Starting canary analysis for ${targetTitle}`);
  return advance(situation, {}, [begun, ...passedNotes('pre-rollout', before.checks)], before.checks);
};

/** A gateway that takes up no more weights for as long as pods may take to come up is not going to. */
export const routeIsGivenUp: Rule = (situation) => {
  const { route, status, now, deadlineMs, names, targetTitle } = situation;
  const { acceptance } = route;
  if (acceptance === 'accepted' || !isWaitingForRoute(status)) return undefined;
  if (now - (Date.parse(status.stepStartedAt ?? '') || now) < deadlineMs) return undefined;
  const why = acceptance === 'pending' ? 'was not taken up by the gateway' : `is refused: ${acceptance.refused}`;
  const message = `route ${names.apexService} ${why}`;
  return failed(situation, 'RouteNotAccepted', message, [
    warning('RollBack', `Rolling back ${targetTitle} ${message}`),
  ]);
};

/** A weight that was taken up before and is not any more, is waited for as long as a new one. */
export const routeIsTakenUp: Rule = (situation) => {
  const { route, status, now } = situation;
  if (route.acceptance === 'accepted') return undefined;
  const asked = isWaitingForRoute(status) ? status : changed(status, { stepStartedAt: iso(now) });
  return routeIsAccepted({ ...situation, status: asked });
};

function isWaitingForRoute({ waitingFor }: Situation['status']): boolean {
  return waitingFor?.reason === 'RouteAccepted' || waitingFor?.reason === 'RouteRefused';
}

/** The time of a step counts from when the gateway has its weight. */
export const stepIsHeld: Rule = ({ status, now, intervalMs, route }) => {
  // What there is of it, where numbers of pods stand for weights.
  const seen = status.actualWeight === route.canaryWeight;
  const planned = Date.parse(status.nextCheckAt ?? '');
  const due = seen && !Number.isNaN(planned) ? Math.min(planned, now + intervalMs) : now + intervalMs;
  if (seen && due <= now) return undefined;
  const begun = seen ? status : changed(status, { stepStartedAt: iso(now) });
  const message = `weight ${route.canaryWeight ?? 0} is held for ${intervalMs / 1000}s, and judged then`;
  const why = { reason: 'StepInterval', message, ...(seen ? stillClosed(status) : {}) };
  return waiting(changed(begun, { nextCheckAt: iso(due) }), { ...why, until: due });
};

/** A query that looks back to before the last release was over would judge this revision by that one's requests. */
export const metricsAreOurs: Rule = ({ status, analysis, plan, now }) => {
  const [last] = status.history ?? [];
  // One that has lost all of its pods is back at weight 0, and that has counted as a failed check.
  // In a release that has steps without weight, hooks and copies may have made requests to it.
  const wasUntouched = (last?.weight ?? 0) === 0 && (last?.failedChecks ?? 0) === 0 && plan[0]?.weight !== 0;
  if (last === undefined || wasUntouched) return undefined;
  const windows = (analysis.metrics ?? []).map(({ interval }) => durationMs(interval) ?? DEFAULT_WINDOW_MS);
  const longest = Math.max(0, ...windows);
  const until = Math.min((Date.parse(last.finishedAt ?? '') || 0) + longest, now + longest);
  if (until <= now) return undefined;
  const message = 'the metrics still look back at requests to the revision before';
  return waiting(status, { reason: 'FreshMetrics', message, until });
};

/** Hooks that are called at each step go first: what they do, such as making load, is what is measured then. */
export const measured: Rule = (situation) => {
  const hooks = ask(situation, 'rollout');
  if (hooks.kind === 'asked') return hooks.decision;
  const { measured: results, status, analysis } = situation;
  if (results === undefined) return { kind: 'act', effect: { kind: 'measure' } };
  // Mostly over before anybody could read of it.
  if (results === 'under way') return { kind: 'wait', status };
  if (results !== 'overdue') return undefined;
  const names = (analysis.metrics ?? []).map(({ name }) => name);
  const message = `the servers of the metrics ${names.join(', ')} have not all answered yet`;
  return waiting(status, { reason: 'MetricsRunning', message, ...stillClosed(status) });
};

export const judged: Rule = (situation) => {
  const { measured: results = [], status } = situation;
  const hooks = ask(situation, 'rollout');
  const metrics = typeof results === 'string' ? [] : results;
  const checks = [...(hooks.kind === 'answered' ? hooks.checks : []), ...metrics];
  if (checks.some((check) => outcomeOf(check, situation.analysis.metrics ?? []) !== 'pass'))
    return halted(situation, checks);
  return advance(situation, { iterations: (status.iterations ?? 0) + 1 }, [], checks);
};
