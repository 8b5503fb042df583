import { analysisOf } from '../../api/analysis.ts';
import type { Canary, CanaryWebhook, CheckStatus } from '../../api/generated/canary.ts';
import { checkAll } from '../check-all.ts';
import { momentOf } from '../decide/hooks-at.ts';
import { callHook, type HookDeps } from './call-hook.ts';

type HookType = CanaryWebhook['type'];

/**
 * Calls all hooks of a type, side by side; the checks in the order of the hooks. Those without a URL are not among them:
 * they wait for a person. What a verdict means is the caller's to say: a rollback hook that passes asks for the rollback.
 *
 * @throws the signal's reason where it aborts: calls that were broken off say nothing about the canary
 */
export function callHooks(canary: Canary, type: HookType, deps: HookDeps): Promise<readonly CheckStatus[]> {
  const { webhooks = [] } = analysisOf(canary.spec);
  const called = webhooks.filter((hook) => momentOf(hook.type) === momentOf(type) && !waitsForPerson(hook));
  return checkAll('Webhook', called, (hook) => callHook(canary, hook, deps), deps);
}

function waitsForPerson({ type, url }: CanaryWebhook): boolean {
  return type.startsWith('confirm-') && url === undefined;
}
