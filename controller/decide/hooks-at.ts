import type { Analysis, CanaryWebhook } from '../../api/generated/canary.ts';

/** When hooks are called, but for those that are told of every event. */
export type HookMoment = Exclude<CanaryWebhook['type'], '' | 'event'>;

/** When something does not happen before it is confirmed: over HTTP, or, by a hook without a URL, by a person. */
export type GateMoment = Extract<HookMoment, `confirm-${string}`>;

/** A hook without a type is called at each step. */
export function momentOf(type: CanaryWebhook['type']): Exclude<CanaryWebhook['type'], ''> {
  return type === '' ? 'rollout' : type;
}

/** The gates of a moment, whoever opens them. */
export function gatesAt({ analysis }: { readonly analysis: Analysis }, moment: GateMoment): readonly CanaryWebhook[] {
  return (analysis.webhooks ?? []).filter(({ type }) => type === moment);
}

/** Whether it is a hook that something does not happen without. */
export function isGate({ type }: CanaryWebhook): boolean {
  return type.startsWith('confirm-');
}

/** The hooks of a moment that are asked over HTTP. */
export function hooksAt({ analysis }: { readonly analysis: Analysis }, moment: HookMoment): readonly CanaryWebhook[] {
  const { webhooks = [] } = analysis;
  return webhooks.filter(({ type, url }) => momentOf(type) === moment && url !== undefined);
}
