import { withDefaults } from '../../api/defaults.ts';
import type { Canary, CanaryWebhook } from '../../api/generated/canary.ts';
import { PretendClock } from '../../kube/pretend-clock.ts';
import { httpCall } from '../http-call.ts';
import type { HookDeps } from './call-hook.ts';

/** With the defaults of the definition. */
export function canaryWith(webhooks: readonly object[], status?: object): Canary {
  return withDefaults('Canary', {
    metadata: { name: 'podinfo', namespace: 'test' },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      service: { port: 80 },
      analysis: { interval: '1m', threshold: 1, stepWeight: 10, webhooks },
    },
    ...(status === undefined ? {} : { status }),
  }) as Canary;
}

export function hookWith(given: object): { readonly canary: Canary; readonly hook: CanaryWebhook } {
  const canary = canaryWith([{ name: 'gate', ...given }]);
  const [hook] = canary.spec.analysis?.webhooks ?? [];
  if (hook === undefined) throw new TypeError('a canary with a hook has one');
  return { canary, hook };
}

/** Real calls, and no Secrets. */
export function depsWith(given: Partial<HookDeps> = {}): HookDeps {
  return {
    call: httpCall,
    clock: new PretendClock(new Date('2026-11-21T10:00:00Z')),
    signal: new AbortController().signal,
    secret: () => Promise.resolve(undefined),
    phase: 'Progressing',
    ...given,
  };
}
