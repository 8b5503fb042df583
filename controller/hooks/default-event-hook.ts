import { analysisOf } from '../../api/analysis.ts';
import type { Canary, CanaryWebhook } from '../../api/generated/canary.ts';

const TIMEOUT = '10s';

/** A canary that has no `event` hook of its own, with the controller's. */
export function withEventHook(canary: Canary, url: string | undefined): Canary {
  if (url === undefined) return canary;
  const analysis = analysisOf(canary.spec);
  const { webhooks = [] } = analysis;
  if (webhooks.some(({ type }) => type === 'event')) return canary;
  const hook: CanaryWebhook = { name: 'event-webhook', type: 'event', url, timeout: TIMEOUT };
  return { ...canary, spec: { ...canary.spec, analysis: { ...analysis, webhooks: [...webhooks, hook] } } };
}
