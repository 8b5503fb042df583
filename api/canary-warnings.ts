import type { Finding, Rule } from './finding.ts';
import type { Canary } from './generated/canary.ts';

/**
 * What is accepted, as Flagger accepts it and manifests have it, and yet does not do what it seems to. The webhook sends
 * these as warnings, which kubectl shows. Each takes a Canary that `validate` has nothing against, with defaults.
 */
export const canaryWarnings: readonly Rule<Canary>[] = [
  maxWeightIsNotLookedAt,
  fieldOfAnotherProvider,
  partOfTheRouteThatIsLeftOut,
  callerThatIsNotTold,
  affinityWithoutWeights,
  copiesOfSomeRequests,
  hostsThatAreNoRoot,
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

type ServiceField = 'match' | 'rewrite' | 'timeout' | 'retries' | 'headers' | 'corsPolicy';
type MatchField =
  | 'scheme'
  | 'authority'
  | 'withoutHeaders'
  | 'ignoreUriCase'
  | 'port'
  | 'gateways'
  | 'sourceLabels'
  | 'sourceNamespace';

interface LeftOut {
  readonly service: readonly ServiceField[];
  readonly match: readonly MatchField[];
}

/** A TrafficSplit says who gets how much, and nothing of what is done with a request. */
const WEIGHTS_ONLY: LeftOut = {
  service: ['match', 'rewrite', 'timeout', 'retries', 'headers', 'corsPolicy'],
  match: [],
};

/** What the routes of a provider's own kinds have no place for. */
const LEFT_OUT: Readonly<Record<string, LeftOut>> = {
  contour: { service: ['corsPolicy'], match: ['ignoreUriCase', 'port', 'gateways', 'sourceLabels', 'sourceNamespace'] },
  gatewayapi: {
    service: ['retries'],
    match: [
      'scheme',
      'authority',
      'withoutHeaders',
      'ignoreUriCase',
      'port',
      'gateways',
      'sourceLabels',
      'sourceNamespace',
    ],
  },
  linkerd: WEIGHTS_ONLY,
  smi: WEIGHTS_ONLY,
};

function* partOfTheRouteThatIsLeftOut({ spec }: Canary): Iterable<Finding> {
  const { provider = '', service } = spec;
  const leftOut = LEFT_OUT[provider.split(':')[0] ?? ''];
  if (leftOut === undefined || service === undefined) return;
  const message = `is not looked at, as a route of ${provider} has no place for it`;
  for (const field of leftOut.service) {
    if (service[field] !== undefined) yield { path: `spec.service.${field}`, message };
  }
  for (const [index, match] of (service.match ?? []).entries()) {
    for (const field of leftOut.match) {
      if (match[field] !== undefined) yield { path: `spec.service.match[${index}].${field}`, message };
    }
  }
}

function* callerThatIsNotTold({ spec }: Canary): Iterable<Finding> {
  const { provider, analysis } = spec;
  if (provider === undefined || provider === 'istio') return;
  for (const [index, { sourceLabels }] of (analysis?.match ?? []).entries()) {
    if (sourceLabels === undefined) continue;
    const message = `is not looked at, as a route of ${provider} does not tell who calls`;
    yield { path: `spec.analysis.match[${index}].sourceLabels`, message };
  }
}

/** Who is sent to the canary by what he sends stays there by it; and a switch leaves nobody behind. */
function* affinityWithoutWeights({ spec }: Canary): Iterable<Finding> {
  const { sessionAffinity, iterations, match = [] } = spec.analysis ?? {};
  if (sessionAffinity === undefined || (iterations === undefined && match.length === 0)) return;
  const message = 'is not looked at, as only a release by weight of all requests has clients to keep';
  yield { path: 'spec.analysis.sessionAffinity', message };
}

function* copiesOfSomeRequests({ spec }: Canary): Iterable<Finding> {
  const { mirror, mirrorWeight = 100 } = spec.analysis ?? {};
  if (spec.provider?.startsWith('gatewayapi:') !== true || mirror !== true || mirrorWeight === 100) return;
  const message = 'is known to Gateway API 1.3 and later: where an older one is installed, all requests are copied';
  yield { path: 'spec.analysis.mirrorWeight', message };
}

function* hostsThatAreNoRoot({ spec }: Canary): Iterable<Finding> {
  const { provider = '', service } = spec;
  if (!provider.startsWith('smi:') && provider !== 'linkerd') return;
  for (const [index] of (service?.hosts ?? []).entries()) {
    const message = 'is not looked at, as a TrafficSplit has one root service, which is the first of them';
    if (index > 0) yield { path: `spec.service.hosts[${index}]`, message };
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
    const label = `label Deployment ${spec.primary?.name ?? ''} flagger.app/canary with the name of this canary`;
    const message = `is the layout of 2018; write targetRef, service and analysis, or ${label}, so that it may be changed`;
    yield { path: 'spec.canary', message };
  } else if (spec.canaryAnalysis !== undefined) {
    yield { path: 'spec.canaryAnalysis', message: 'is called analysis since v1beta1' };
  }
}
