import { isMatched } from '../../api/analysis.ts';
import { durationMs } from '../../api/duration.ts';
import type { Canary, CanaryStatus } from '../../api/generated/canary.ts';
import { planOf, type Step } from '../../controller/decide/plan.ts';
import { readableAnalysis } from './readable-analysis.ts';

export interface StepRow extends Step {
  /** 1 is the first. */
  readonly step: number;
  /** `skipped` was left out by whoever promoted at once, `unreached` came after the end. */
  readonly state: 'done' | 'current' | 'ahead' | 'failed' | 'skipped' | 'unreached';
  /** RFC 3339: of a step that is done, when it was measured last; of the current one, when it began. */
  readonly at?: string;
  /** RFC 3339: when it is judged, and of one ahead when it begins, at the earliest. */
  readonly due?: string;
}

export interface ReleaseSteps {
  readonly rows: readonly StepRow[];
  /** Whether weights are of the requests that fit the match. */
  readonly isMatched: boolean;
  /** The step that is held or judged; 0 before the first. */
  readonly current: number;
  readonly elapsedMs?: number;
  /** To the promotion, when nothing holds it up. */
  readonly leftMs?: number;
  /** A person holds it where it is, or has to open a gate: what is left counts from when it goes on. */
  readonly isHeld: boolean;
}

const UNDER_WAY: readonly CanaryStatus['phase'][] = ['Waiting', 'Progressing', 'WaitingPromotion'];

/** The steps of a release, with what is past of it and what is still to come. */
export function releaseSteps({ spec, status = {} }: Canary, now: Date): ReleaseSteps {
  const analysis = readableAnalysis(spec);
  const plan = analysis === undefined || spec.skipAnalysis === true ? [] : planOf(analysis);
  const intervalMs = durationMs(analysis?.interval ?? '') ?? 60_000;
  const current = status.step ?? 0;
  const isUnderWay = UNDER_WAY.includes(status.phase) && status.ending === undefined;
  const isHeld = spec.suspend === true || status.paused !== undefined || status.waitingFor?.reason === 'Approval';
  const planned = isHeld ? Number.NaN : Date.parse(status.nextCheckAt ?? '');
  // What a person or a gate holds up has no time of its own: it is as if it went on now.
  const judged = Math.max(now.getTime(), Number.isNaN(planned) ? 0 : planned);
  const beginning = (step: number) => judged + Math.max(0, step - current - 1) * intervalMs;
  const rows = plan.map((each, index): StepRow => {
    const step = index + 1;
    const state = stateOf(step, status);
    const past = status.step === step ? status.stepStartedAt : measuredAt(plan, index, status);
    return {
      ...{ ...each, step, state },
      ...((state === 'done' || state === 'current') && past !== undefined && { at: past }),
      ...(isUnderWay && state === 'current' && !Number.isNaN(planned) && { due: iso(planned) }),
      ...(isUnderWay && !isHeld && state === 'ahead' && { due: iso(beginning(step)) }),
    };
  });
  const started = Date.parse(status.startedAt ?? '');
  const isOver = !isUnderWay && status.phase !== 'Promoting' && status.ending === undefined;
  const ended = isOver ? Date.parse(status.history?.[0]?.finishedAt ?? '') : now.getTime();
  const elapsedMs = ended - started;
  return {
    ...{ rows, current, isHeld, isMatched: analysis !== undefined && isMatched(analysis) },
    ...(elapsedMs >= 0 && current > 0 && { elapsedMs }),
    ...(isUnderWay && plan.length > 0 && { leftMs: beginning(plan.length + 1) - now.getTime() }),
  };
}

function stateOf(step: number, { phase, step: at = 0, ending, promotedBy, history }: CanaryStatus): StepRow['state'] {
  const result = ending?.result ?? (phase === 'Promoting' ? 'Succeeded' : history?.[0]?.result);
  const isOver = ending !== undefined || phase === 'Failed' || phase === 'Succeeded' || phase === 'Finalising';
  if (phase === 'Initialized' || phase === 'Initializing' || phase === undefined || phase === '') return 'ahead';
  if (isOver || phase === 'Promoting') {
    const hasPassed = result === 'Succeeded' && phase !== 'Failed';
    if (step < at || (step === at && hasPassed)) return 'done';
    if (hasPassed) return promotedBy === undefined && step <= at ? 'done' : 'skipped';
    // What was brought back, or overtaken, has not failed.
    return step === at && (result === 'Failed' || result === 'Aborted') ? 'failed' : 'unreached';
  }
  if (step === at) return 'current';
  return step < at ? 'done' : 'ahead';
}

/** Of a step whose weight is no other's, when it was measured last. */
function measuredAt(plan: readonly Step[], index: number, { checks = [] }: CanaryStatus): string | undefined {
  const weight = plan[index]?.weight;
  if (plan.filter((other) => other.weight === weight).length > 1) return undefined;
  const times = checks
    .flatMap(({ measurements = [] }) => measurements)
    .filter((measurement) => measurement.weight === weight)
    .map(({ checkedAt }) => checkedAt);
  return times.toSorted().at(-1);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
