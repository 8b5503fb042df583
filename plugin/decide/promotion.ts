import { analysisOf } from '../../api/analysis.ts';
import type { Canary } from '../../api/generated/canary.ts';
import { planOf, stepAfter } from '../../controller/decide/plan.ts';
import type { Asked } from './action-manifest.ts';

export interface PromotionFlags {
  readonly full?: boolean;
  readonly toStep?: number;
  readonly expectStep?: number;
}

/** A plain press goes on from the step that was seen, so that of two that saw the same step one goes on. */
export function askedPromotion(
  { full, toStep, expectStep }: PromotionFlags,
  { status }: Canary,
): Omit<Asked, 'action'> {
  const seen = full === true || toStep !== undefined ? undefined : (status?.step ?? 0);
  const fromStep = expectStep ?? seen;
  return {
    ...(full === true && { full }),
    ...(toStep !== undefined && { toStep }),
    ...(fromStep !== undefined && { fromStep }),
  };
}

/**
 * `step 3 -> 4`; `step 5 -> promotion` from the last one, or of a full promotion. Nothing of a canary without an analysis, as
 * one may be that was made under another definition.
 */
export function promotionText({ full, toStep }: PromotionFlags, { spec, status = {} }: Canary): string | undefined {
  if (spec.analysis === undefined && spec.canaryAnalysis === undefined) return undefined;
  const { step = 0, desiredWeight = 0 } = status;
  const next = full === true ? undefined : (toStep ?? stepAfter(planOf(analysisOf(spec)), step, desiredWeight)?.step);
  return `step ${step} -> ${next ?? 'promotion'}`;
}
