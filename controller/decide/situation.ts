import { durationMs } from '../../api/duration.ts';
import type { CanaryStatus } from '../../api/generated/canary.ts';
import type { Decision } from './decision.ts';
import type { Observation } from './observation.ts';
import { planOf, type Step } from './plan.ts';
import { type DeploymentFacts, type Readiness, readiness } from './readiness.ts';

/** What was observed, with what follows from it and the time. */
export interface Situation extends Observation {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly status: CanaryStatus;
  readonly plan: readonly Step[];
  readonly intervalMs: number;
  readonly desiredWeight: number;
  /** `podinfo.test`: events name the canary where its release moves or halts, and the workload where pods do. */
  readonly canaryTitle: string;
  readonly targetTitle: string;
  readonly primaryTitle: string;
  /** How long a side may make no progress. */
  readonly deadlineMs: number;
  /** Undefined where there is no such workload. */
  readonly canaryReadiness: Readiness | undefined;
  readonly primaryReadiness: Readiness | undefined;
}

/** Has something to say about a situation, or leaves it to the next. */
export type Rule = (situation: Situation) => Decision | undefined;

/** The first rule that has something to say. */
export function firstOf(rules: readonly Rule[], situation: Situation): Decision | undefined {
  for (const rule of rules) {
    const decision = rule(situation);
    if (decision !== undefined) return decision;
  }
  return undefined;
}

export function situationOf(observation: Observation, now: number): Situation {
  const { canary, analysis, names, target, primary } = observation;
  const { metadata, spec, status = {} } = canary;
  const deadlineMs = spec.progressDeadlineSeconds * 1000;
  // A release that begins anew stays in its phase, and a promotion is a phase of a release that began before it.
  const times = [status.startedAt, status.lastTransitionTime, status.resumedAt].map((time) => Date.parse(time ?? ''));
  const since = Math.max(0, ...times.filter((time) => !Number.isNaN(time))) || now;
  const judged = (facts: DeploymentFacts | undefined, thresholdPercent: number, running: boolean) =>
    facts === undefined ? undefined : readiness(facts, { thresholdPercent, now, deadlineMs, since, running });
  return {
    ...observation,
    now,
    status,
    plan: planOf(analysis),
    intervalMs: durationMs(analysis.interval) ?? 60_000,
    desiredWeight: status.desiredWeight ?? 0,
    canaryTitle: `${metadata.name}.${metadata.namespace}`,
    targetTitle: `${names.target.name}.${metadata.namespace}`,
    primaryTitle: `${names.primary}.${metadata.namespace}`,
    deadlineMs,
    // Also who asks for none of its pods wants something to measure: a canary without one gets no traffic.
    canaryReadiness: judged(target, Math.max(1, analysis.canaryReadyThreshold), true),
    // A primary that need not be ready may halt no release; to take traffic over, it has to be there.
    primaryReadiness: judged(primary, Math.max(isRunning(status) ? 0 : 1, analysis.primaryReadyThreshold), true),
  };
}

/** A release is under way: traffic is, or is about to be, on the canary. */
export function isRunning({ phase }: CanaryStatus): boolean {
  return phase === 'Waiting' || phase === 'Progressing' || phase === 'WaitingPromotion';
}

export function isAtRest({ phase }: CanaryStatus): boolean {
  return phase === 'Initialized' || phase === 'Succeeded' || phase === 'Failed';
}
