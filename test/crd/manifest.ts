import type { Kind } from '../../api/generated/schemas.ts';

/** An object as it stands in a file, before anybody has checked it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Patch;
}

/** A JSON merge patch: objects are merged, null takes a field away, all else replaces. */
export interface Patch {
  readonly [field: string]: unknown;
}

const apiVersion = 'flagger.app/v1beta1';

const CANARY: Manifest = {
  apiVersion,
  kind: 'Canary',
  metadata: { name: 'podinfo' },
  spec: {
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
    service: { port: 9898 },
    analysis: { interval: '30s', threshold: 5, stepWeight: 10, maxWeight: 50 },
  },
};

const METRIC: Patch = { name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '1m' };
const HOOK: Patch = { name: 'load-test', url: 'http://load-tester.test/' };

/** A canary by weight that is right, with its spec patched. */
export const canary = (spec: Patch = {}): Manifest => ({ ...CANARY, spec: patched(CANARY.spec, spec) });
export const analysis = (patch: Patch, spec: Patch = {}): Manifest => canary({ ...spec, analysis: patch });
export const service = (patch: Patch, spec: Patch = {}): Manifest => canary({ ...spec, service: patch });
/** With metrics that are right, each patched. */
export const metrics = (...patches: readonly Patch[]): Manifest =>
  analysis({ metrics: patches.map((patch) => patched(METRIC, patch)) });
/** With hooks that are right, each patched. */
export const hooks = (...patches: readonly Patch[]): Manifest =>
  analysis({ webhooks: patches.map((patch) => patched(HOOK, patch)) });
/** With one hook that has these headers. */
export const headers = (...patches: readonly Patch[]): Manifest => hooks({ headers: patches });
/** A blue/green release on a mesh that can mirror, match and keep clients. */
export const blueGreen = (patch: Patch = {}, spec: Patch = {}): Manifest =>
  analysis({ stepWeight: null, maxWeight: null, iterations: 10, ...patch }, { provider: 'istio', ...spec });
export const affinity = (patch: Patch): Manifest =>
  analysis({ sessionAffinity: { cookieName: 'canary', ...patch } }, { provider: 'istio' });

export const template = (provider: Patch = {}, spec: Patch = {}): Manifest => ({
  apiVersion,
  kind: 'MetricTemplate',
  metadata: { name: 'error-rate' },
  spec: patched(
    { provider: { type: 'prometheus', address: 'http://prometheus.monitoring:9090' }, query: 'up{job="{{ target }}"}' },
    { ...spec, provider },
  ),
});

export const alertProvider = (spec: Patch = {}): Manifest => ({
  apiVersion,
  kind: 'AlertProvider',
  metadata: { name: 'on-call' },
  spec: patched({ type: 'slack', channel: 'on-call', address: 'https://hooks.example.com/T000/B000' }, spec),
});

export const action = (spec: Patch = {}): Manifest => ({
  apiVersion,
  kind: 'CanaryAction',
  metadata: { name: 'podinfo-abort' },
  spec: patched({ canary: 'podinfo', revision: '0a1b2c', action: 'abort' }, spec),
});

function patched(object: Patch, patch: Patch): Patch {
  const result = new Map(Object.entries(object));
  for (const [field, value] of Object.entries(patch)) {
    const old = result.get(field);
    if (value === null) result.delete(field);
    else result.set(field, isPatch(value) ? patched(isPatch(old) ? old : {}, value) : value);
  }
  return Object.fromEntries(result);
}

function isPatch(value: unknown): value is Patch {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
