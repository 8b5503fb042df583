import type { Canary, CanaryStatus, CanaryWebhook } from '../../api/generated/canary.ts';
import { isGate } from '../../controller/decide/hooks-at.ts';
import { readableAnalysis } from './readable-analysis.ts';

/** One gate of a release. */
export interface GateRow {
  readonly name: string;
  readonly moment: CanaryWebhook['type'];
  /** Where it is asked; without it, a person opens it. */
  readonly url?: string;
  /** `waiting` is for a person, `closed` is what the URL has said, `ahead` has not come up yet. */
  readonly state: 'open' | 'waiting' | 'closed' | 'ahead';
  /** Who opened it, and when. */
  readonly by?: string;
  readonly at?: string;
}

/** What the release does not go on without, in the order of the spec. */
export function gateRows({ spec, status = {} }: Canary): readonly GateRow[] {
  const { webhooks = [] } = readableAnalysis(spec) ?? {};
  return webhooks.filter(isGate).map((hook) => {
    const approval = status.approvals?.find(({ gate }) => gate === hook.name);
    return {
      ...{ name: hook.name, moment: hook.type, state: stateOf(hook, status) },
      ...(hook.url !== undefined && { url: hook.url }),
      ...(approval?.by !== undefined && { by: approval.by }),
      ...(approval !== undefined && { at: approval.at }),
    };
  });
}

function stateOf({ name, type, url }: CanaryWebhook, status: CanaryStatus): GateRow['state'] {
  const { phase, waitingFor, approvals = [], step = 0 } = status;
  if (approvals.some(({ gate }) => gate === name)) return 'open';
  if (waitingFor?.gate === name) return 'waiting';
  // Of several gates of one moment that are asked over HTTP, the status does not say which one is closed.
  if (waitingFor?.reason === 'GateClosed' && url !== undefined && waitingFor.message?.includes(type) === true)
    return 'closed';
  const isUnderWay = phase === 'Progressing' || phase === 'WaitingPromotion' || phase === 'Promoting';
  if (type === 'confirm-rollout' && isUnderWay) return 'open';
  if (type === 'confirm-traffic-increase' && isUnderWay && step > 0 && url === undefined) return 'ahead';
  return type === 'confirm-promotion' && phase === 'Promoting' ? 'open' : 'ahead';
}
