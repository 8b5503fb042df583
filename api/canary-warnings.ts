import type { Finding, Rule } from './finding.ts';
import type { Canary } from './generated/canary.ts';

/**
 * What is accepted, as Flagger accepts it and manifests have it, and yet does not do what it seems to. The webhook sends
 * these as warnings, which kubectl shows. Each takes a Canary that `validate` has nothing against, with defaults.
 */
export const canaryWarnings: readonly Rule<Canary>[] = [
  maxWeightIsNotLookedAt,
  fieldOfAnotherProvider,
  builtInNameOfATemplate,
  groupOfTheTarget,
  firstLayout,
];

function* maxWeightIsNotLookedAt({ spec }: Canary): Iterable<Finding> {
  const { maxWeight, stepWeight, stepWeights } = spec.analysis ?? {};
  if (maxWeight === undefined || stepWeight !== undefined) return;
  const message =
    stepWeights === undefined
      ? 'is not looked at, as a release by iterations has no weights'
      : `is not looked at, as stepWeights go to ${stepWeights.at(-1)}`;
  yield { path: 'spec.analysis.maxWeight', message };
}

function* fieldOfAnotherProvider({ spec }: Canary): Iterable<Finding> {
  const { provider, service = {} as Partial<NonNullable<Canary['spec']['service']>> } = spec;
  if (provider === undefined) return;
  const family = provider.split(':')[0] ?? '';
  const fields = [
    ['spec.ingressRef', spec.ingressRef, ['nginx', 'skipper']],
    ['spec.routeRef', spec.routeRef, ['apisix']],
    ['spec.upstreamRef', spec.upstreamRef, ['gloo']],
    ['spec.service.gatewayRefs', service.gatewayRefs, ['gatewayapi']],
    ['spec.service.backendTimeout', service.backendTimeout, ['gatewayapi']],
    ['spec.service.mirror', service.mirror, ['gatewayapi']],
    ['spec.service.gateways', service.gateways, ['istio']],
    ['spec.service.delegation', service.delegation, ['istio']],
    ['spec.service.trafficPolicy', service.trafficPolicy, ['istio']],
    ['spec.service.meshName', service.meshName, ['appmesh']],
    ['spec.service.backends', service.backends, ['appmesh']],
  ] as const;
  for (const [path, value, families] of fields) {
    if (value !== undefined && !(families as readonly string[]).includes(family)) {
      yield { path, message: `is not looked at, as the provider is ${provider}; it is for ${families.join(' and ')}` };
    }
  }
}

function* builtInNameOfATemplate({ spec }: Canary): Iterable<Finding> {
  for (const [index, { name, query, templateRef }] of (spec.analysis?.metrics ?? []).entries()) {
    const own = templateRef !== undefined || query !== undefined;
    if (own && (name === 'request-success-rate' || name === 'request-duration')) {
      const message = 'is the name of a built-in check, which is not made here: the query is what is judged';
      yield { path: `spec.analysis.metrics[${index}].name`, message };
    }
  }
}

function* groupOfTheTarget({ spec }: Canary): Iterable<Finding> {
  const { kind, apiVersion } = spec.targetRef ?? {};
  if (kind !== undefined && kind !== 'Service' && apiVersion !== 'apps/v1') {
    yield { path: 'spec.targetRef.apiVersion', message: `is read as apps/v1, where a ${kind} is` };
  }
}

function* firstLayout({ spec }: Canary): Iterable<Finding> {
  if (spec.canary !== undefined) {
    yield { path: 'spec.canary', message: 'is the layout of 2018; write targetRef, service and analysis' };
  } else if (spec.canaryAnalysis !== undefined) {
    yield { path: 'spec.canaryAnalysis', message: 'is called analysis since v1beta1' };
  }
}
