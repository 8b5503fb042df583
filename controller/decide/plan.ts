import { isMatched } from '../../api/analysis.ts';
import type { Analysis } from '../../api/generated/canary.ts';

/** What the canary gets at one step of a release. */
export interface Step {
  /** Percent of the requests; with a match, of those that fit it. */
  readonly weight: number;
  /** Percent of the requests that are copied to it, and answered by the primary. */
  readonly mirrorWeight: number;
  /** Whether it is here that all traffic changes sides, which has to be confirmed as a promotion is. */
  readonly isSwitch: boolean;
}

export type Steps = Pick<
  Analysis,
  'stepWeight' | 'stepWeights' | 'maxWeight' | 'iterations' | 'match' | 'mirror' | 'mirrorWeight'
>;

/**
 * The steps of a release; after the last one it is promoted.
 *
 *     by weight      stepWeight 20, maxWeight 50: 20, 40, 60
 *                    stepWeight 30, no maxWeight: 30, 60, 90, 100
 *                    stepWeights 1, 10, 50: as they are, whatever maxWeight is
 *     A/B            3 iterations and a match: 100, 100, 100 of the requests that fit
 *     blue/green     3 iterations: 0, 0, 0, and then 100 of all
 *
 * With a mirror, what has weight 0 gets copies; a release by weight has one such step before the others.
 */
export function planOf(analysis: Steps): readonly Step[] {
  const { iterations, mirror } = analysis;
  const mirrorWeight = mirror === true ? (analysis.mirrorWeight ?? 100) : 0;
  const weighted = (weight: number): Step => ({ weight, mirrorWeight: 0, isSwitch: false });
  const unweighted: Step = { weight: 0, mirrorWeight, isSwitch: false };
  if (iterations === undefined)
    return [...(mirrorWeight > 0 ? [unweighted] : []), ...stepWeights(analysis).map(weighted)];
  const everything = weighted(100);
  if (isMatched(analysis)) return Array.from({ length: iterations }, () => everything);
  return [...Array.from({ length: iterations }, () => unweighted), { ...everything, isSwitch: true }];
}

function stepWeights({ stepWeight, stepWeights: given, maxWeight = 100 }: Steps): readonly number[] {
  if (given !== undefined && given.length > 0) return given;
  if (stepWeight === undefined) return [];
  const steps = Math.ceil(maxWeight / stepWeight);
  return Array.from({ length: steps }, (_, index) => Math.min(100, stepWeight * (index + 1)));
}

/**
 * The step after one. In a plan that was edited meanwhile, the weight that the canary has need not be that of any step: then
 * it is the first that gives more.
 *
 * @param step that the release is at, 1 for the first; 0 before it
 */
export function stepAfter(
  plan: readonly Step[],
  step: number,
  weight: number,
): (Step & { readonly step: number }) | undefined {
  const isAsPlanned = step === 0 ? weight === 0 : plan[step - 1]?.weight === weight;
  const index = isAsPlanned ? step : plan.findIndex((each) => each.weight > weight);
  const next = plan[index];
  return next === undefined ? undefined : { ...next, step: index + 1 };
}
