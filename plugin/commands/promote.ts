import type { Args } from '../command-spec.ts';
import type { Context } from '../context.ts';
import { decideFor } from '../decide/decide.ts';
import type { AnsweredFlags } from '../decide/flags.ts';
import { askedPromotion, type PromotionFlags, promotionText } from '../decide/promotion.ts';
import type { ExitCode } from '../exit-code.ts';

export function run(context: Context, [names = []]: Args, flags: AnsweredFlags & PromotionFlags): Promise<ExitCode> {
  return decideFor(context, flags, {
    ...{ action: 'promote', done: 'promoted', names: names as readonly string[] },
    ask: (canary) => askedPromotion(flags, canary),
    detail: (canary) => promotionText(flags, canary),
  });
}
