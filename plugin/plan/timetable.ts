import { analysisOf, isMatched } from '../../api/analysis.ts';
import { durationMs } from '../../api/duration.ts';
import { findingText } from '../../api/finding.ts';
import type { Analysis, Canary, CanaryWebhook } from '../../api/generated/canary.ts';
import { releaseNames } from '../../api/names.ts';
import { ROUTE_KINDS } from '../../api/route-kinds.ts';
import { isGate, momentOf } from '../../controller/decide/hooks-at.ts';
import { unsupportedParts } from '../../controller/decide/unsupported.ts';
import { type Moment, type Rehearsal, rehearse } from './rehearsal.ts';

/** What a canary would do with the next change of its target. Times are seconds after that change, at the earliest. */
export interface Timetable {
  readonly name: string;
  readonly namespace: string;
  /** `Deployment/podinfo`. */
  readonly target: string;
  readonly strategy: 'by weight' | 'A/B' | 'blue/green' | 'without analysis';
  /** Whose share each weight is. */
  readonly weightsAreOf: 'all requests' | 'the requests that match';
  readonly intervalSeconds: number;
  /** Failed checks at which it is rolled back. */
  readonly threshold: number;
  readonly rows: readonly Row[];
  readonly checks: readonly PlannedCheck[];
  readonly promotedAtSeconds: number;
  readonly endedAtSeconds: number;
  /** Of a release that passes, until it is promoted. */
  readonly exposure: Exposure;
  /** How long one that is bad serves users: from its first request on, and, where that is more, from its greatest weight on. */
  readonly ifBad: readonly Bad[];
  readonly notes: readonly string[];
}

export interface Row {
  readonly kind: 'start' | 'step' | 'promote' | 'give back' | 'done';
  /** From 1; of a step. */
  readonly step?: number;
  readonly steps?: number;
  readonly atSeconds: number;
  /** Percent. */
  readonly weight: number;
  /** Percent of the requests that are copied to the canary, and answered by the primary. */
  readonly mirrorWeight: number;
  /** What has to answer before it comes to this. */
  readonly waitsFor: readonly Wait[];
  /** How many checks are made when it has been held for an interval. */
  readonly checks: number;
}

export interface Wait {
  readonly name: string;
  readonly type: string;
  /** A gate keeps the release waiting for as long as it takes; a hook is called once. */
  readonly isGate: boolean;
  /** Who is asked; without it, a person. */
  readonly url?: string;
}

export interface PlannedCheck {
  readonly kind: 'Metric' | 'Webhook';
  readonly name: string;
  readonly min?: number;
  readonly max?: number;
  readonly template?: string;
  readonly url?: string;
}

/** Percent of the requests that the canary answers. */
export interface Exposure {
  /** Over the time. */
  readonly average: number;
  readonly most: number;
}

export interface Bad extends Exposure {
  /** The step from which on every check fails. */
  readonly fromStep: number;
  readonly failedChecks: number;
  /** How long users are served by it. */
  readonly servesSeconds: number;
  readonly rolledBackAtSeconds: number;
}

/** @param canary with defaults; `validate` has nothing against it */
export function timetableOf(canary: Canary): Timetable {
  const { metadata, spec } = canary;
  const analysis = analysisOf(spec);
  const good = rehearse(canary);
  const checks = checksOf(analysis);
  const promotedAt = good.moments.find(({ phase }) => phase === 'Promoting')?.at ?? good.endedAt;
  const { target } = releaseNames(spec);
  return {
    ...{ name: metadata.name, namespace: metadata.namespace, target: `${target.kind}/${target.name}` },
    strategy: spec.skipAnalysis === true ? 'without analysis' : strategyOf(analysis),
    weightsAreOf: isMatched(analysis) ? 'the requests that match' : 'all requests',
    intervalSeconds: (durationMs(analysis.interval) ?? 0) / 1000,
    threshold: analysis.threshold,
    ...{ rows: rowsOf(good, checks.length), checks },
    ...{ promotedAtSeconds: promotedAt / 1000, endedAtSeconds: good.endedAt / 1000 },
    exposure: exposureIn(good.moments, { from: 0, to: promotedAt }),
    ifBad: badOnes(canary, good),
    notes: [...notesOn(canary, analysis, checks)],
  };
}

function strategyOf(analysis: Analysis): Timetable['strategy'] {
  if (analysis.iterations === undefined) return 'by weight';
  return isMatched(analysis) ? 'A/B' : 'blue/green';
}

function rowsOf({ moments, endedAt, after }: Rehearsal, checks: number): readonly Row[] {
  const steps = Math.max(...moments.map(({ step }) => step));
  const rows = moments.flatMap((moment, index): readonly Row[] => {
    const { at, weight, mirrorWeight, before, step } = moment;
    const row = { ...{ atSeconds: at / 1000, weight, mirrorWeight }, waitsFor: before.map(waitOf) };
    if (moment.isEnding) return [];
    if (moment.phase === 'Promoting') {
      const isFirst = moments[index - 1]?.phase !== 'Promoting';
      return [{ kind: isFirst ? 'promote' : 'give back', ...row, checks: 0 }];
    }
    if (step === 0) return [{ kind: 'start', ...row, checks: 0 }];
    return [{ kind: 'step', step, steps, ...row, checks }];
  });
  const done = { kind: 'done', weight: 0, mirrorWeight: 0, checks: 0 } as const;
  return [...rows, { ...done, atSeconds: endedAt / 1000, waitsFor: after.map(waitOf) }];
}

function waitOf(hook: CanaryWebhook): Wait {
  const { name, url } = hook;
  return { name, type: momentOf(hook.type), isGate: isGate(hook), ...(url !== undefined && { url }) };
}

function checksOf({ metrics = [], webhooks = [] }: Analysis): readonly PlannedCheck[] {
  const hooks = webhooks.flatMap(({ name, type, url }): readonly PlannedCheck[] =>
    momentOf(type) === 'rollout' && url !== undefined ? [{ kind: 'Webhook', name, url }] : [],
  );
  return [
    ...hooks,
    ...metrics.map(({ name, thresholdRange, threshold, templateRef }): PlannedCheck => {
      const old = name === 'request-success-rate' ? { min: threshold } : { max: threshold };
      const { min, max } = thresholdRange ?? old;
      return {
        ...{ kind: 'Metric', name },
        ...(min !== undefined && { min }),
        ...(max !== undefined && { max }),
        ...(templateRef !== undefined && { template: templateRef.name }),
      };
    }),
  ];
}

function exposureIn(
  moments: readonly Moment[],
  { from, to }: { readonly from: number; readonly to: number },
): Exposure {
  const parts = moments.flatMap(({ at, weight }, index) => {
    const ms = Math.min(moments[index + 1]?.at ?? to, to) - Math.max(at, from);
    return ms > 0 ? [{ ms, weight }] : [];
  });
  const all = parts.reduce((sum, { ms }) => sum + ms, 0);
  const served = parts.reduce((sum, { ms, weight }) => sum + ms * weight, 0);
  return { average: all === 0 ? 0 : rounded(served / all), most: Math.max(0, ...parts.map(({ weight }) => weight)) };
}

/** Percent with one decimal. */
function rounded(percent: number): number {
  return Math.round(percent * 10) / 10;
}

function badOnes(canary: Canary, { moments }: Rehearsal): readonly Bad[] {
  const running = moments.filter(({ phase, isEnding }) => phase !== 'Promoting' && !isEnding);
  const most = Math.max(...running.map(({ weight }) => weight));
  if (most === 0) return [];
  const first = running.find(({ weight }) => weight > 0)?.step ?? 0;
  const greatest = running.find(({ weight }) => weight === most)?.step ?? 0;
  return [...new Set([first, greatest])].flatMap((fromStep) => {
    const bad = rehearse(canary, { failsFrom: fromStep });
    // Of checks that there are none of, none fails.
    return bad.result === 'Failed' ? [badOf(fromStep, bad)] : [];
  });
}

function badOf(fromStep: number, { moments, failedChecks, endedAt }: Rehearsal): Bad {
  const from = moments.find(({ weight }) => weight > 0)?.at ?? endedAt;
  const to = moments.find(({ isEnding }) => isEnding)?.at ?? endedAt;
  return {
    ...{ fromStep, failedChecks, servesSeconds: (to - from) / 1000, rolledBackAtSeconds: to / 1000 },
    ...exposureIn(moments, { from, to }),
  };
}

function* notesOn({ spec }: Canary, analysis: Analysis, checks: readonly PlannedCheck[]): Iterable<string> {
  if (spec.suspend === true) yield 'spec.suspend is true: nothing is started until it is removed';
  for (const { message } of unsupportedParts(spec)) yield `releases are held: ${message}`;
  if (spec.targetRef !== undefined && spec.targetRef.kind !== 'Deployment')
    yield `releases are held: ${findingText({ path: 'spec.targetRef.kind', message: 'only a Deployment is released yet' })}`;
  if (spec.provider !== undefined && ROUTE_KINDS[spec.provider] === undefined)
    yield `releases are held: ${findingText({ path: 'spec.provider', message: `${spec.provider} is not driven yet` })}`;
  if (spec.skipAnalysis === true)
    yield 'spec.skipAnalysis is true: it is promoted as soon as its pods are ready, and nothing is checked';
  else if (checks.length === 0) yield 'nothing is checked: it is promoted when it has been held, however bad it is';
  if (spec.skipAnalysis === true) return;
  if (spec.provider === 'kubernetes' && analysis.iterations === undefined)
    yield 'numbers of pods stand for weights: the share comes as near as there are pods';
  if (analysis.sessionAffinity !== undefined && analysis.iterations === undefined && !isMatched(analysis))
    yield 'clients that have met the canary stay on it: it may get more of the requests than its weight';
}
