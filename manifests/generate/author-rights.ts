// What the author of a canary must be allowed to do, as the canary does it in the author's place: the kinds that it makes.

import { ABILITIES, type Provider } from '../../api/provider-abilities.ts';
import { ROUTE_KINDS } from '../../api/route-kinds.ts';
import type { PolicySpec, Validation } from './policy.ts';

interface MadeKind {
  /** Field that has the canary make it. */
  readonly path: string;
  readonly group: string;
  readonly plural: string;
  /** CEL: whether this canary makes it. */
  readonly when: string;
}

/**
 * Kinds that no author is asked for. The role `edit` lacks EndpointSlices by Kubernetes' own choice, as they could lead to pods of
 * other namespaces; ours list none but the pods of the canary itself. Services are asked of every canary that makes them.
 */
const NOT_ASKED: ReadonlySet<string> = new Set(['services', 'endpointslices.discovery.k8s.io']);

const WORKLOADS: readonly MadeKind[] = [
  { path: 'spec.targetRef', group: 'apps', plural: 'deployments', when: 'true' },
  { path: 'spec.service', group: '', plural: 'services', when: 'has(object.spec.service)' },
  {
    ...{ path: 'spec.autoscalerRef', group: 'autoscaling', plural: 'horizontalpodautoscalers' },
    when: "has(object.spec.autoscalerRef) && object.spec.autoscalerRef.kind == 'HorizontalPodAutoscaler'",
  },
];

/** Rights that hold for every canary, and for the routes of a provider that it names itself. */
export function ownKinds(): PolicySpec {
  const provider = { name: 'provider', expression: "has(object.spec.provider) ? object.spec.provider : ''" };
  return {
    name: 'canaries.flagger.app',
    resources: ['canaries'],
    variables: [provider],
    validations: [
      ...WORKLOADS.flatMap((kind) => rightsTo(kind, "'and this canary'")),
      ...routeKinds().flatMap((kind) => rightsTo(kind, "'and with provider ' + variables.provider + ' this canary'")),
    ],
  };
}

/** The same for the routes of the default provider, and whether other namespaces may be referred to at all. */
export function installedDefaults(): PolicySpec {
  const provider = {
    name: 'provider',
    expression: `has(object.spec.provider) ? '' :
params.metadata.?annotations['flagger.app/mesh-provider'].orValue('none')`,
  };
  const metrics = 'has(object.spec.analysis) && has(object.spec.analysis.metrics) ? object.spec.analysis.metrics : []';
  const alerts = 'has(object.spec.analysis) && has(object.spec.analysis.alerts) ? object.spec.analysis.alerts : []';
  const isForeign = (reference: string) =>
    `has(${reference}) && has(${reference}.namespace) && !(${reference}.namespace in ['', request.namespace])`;
  return {
    name: 'installed-defaults.canaries.flagger.app',
    resources: ['canaries'],
    hasSettings: true,
    variables: [
      provider,
      {
        name: 'mayCross',
        expression: "params.metadata.?annotations['flagger.app/no-cross-namespace-refs'].orValue('') != 'true'",
      },
      { name: 'foreignMetrics', expression: `(${metrics}).map(metric, ${isForeign('metric.templateRef')})` },
      { name: 'foreignAlerts', expression: `(${alerts}).map(alert, ${isForeign('alert.providerRef')})` },
    ],
    validations: [
      {
        expression: `variables.provider in ${listOf(['', ...Object.keys(ABILITIES)])}`,
        message: 'spec.provider: write a provider, as no known one is the default',
        messageExpression:
          "'spec.provider: write a provider, as the meshProvider of ConfigMap kubectl-canary/kubectl-canary-settings, ' + variables.provider + ', is not one'",
        reason: 'Invalid',
      },
      ...routeKinds().flatMap((kind) =>
        rightsTo(kind, "'and with provider ' + variables.provider + ', the default, this canary'"),
      ),
      crossing(`!(${isForeign('object.spec.upstreamRef')})`, "'spec.upstreamRef'", 'Upstream'),
      crossing(
        '!(true in variables.foreignMetrics)',
        "'spec.analysis.metrics[' + string(variables.foreignMetrics.indexOf(true)) + '].templateRef'",
        'MetricTemplate',
      ),
      crossing(
        '!(true in variables.foreignAlerts)',
        "'spec.analysis.alerts[' + string(variables.foreignAlerts.indexOf(true)) + '].providerRef'",
        'AlertProvider',
      ),
    ],
  };
}

function crossing(isInside: string, path: string, kind: string): Validation {
  const text = `names an object of another namespace, which --no-cross-namespace-refs forbids here: use one of the canary's own`;
  return {
    expression: `variables.mayCross || ${isInside}`,
    message: `${kind} ${text}`,
    messageExpression: `${path} + ${JSON.stringify(`: ${text}`)}`,
    reason: 'Forbidden',
  };
}

/** Each kind of route once, with the providers that write it. */
function routeKinds(): readonly MadeKind[] {
  const providers = new Map<string, Provider[]>();
  for (const [provider, kinds] of Object.entries(ROUTE_KINDS) as [Provider, readonly RouteKindLike[]][]) {
    for (const { apiVersion, plural } of kinds) {
      const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
      const key = group === '' ? plural : `${plural}.${group}`;
      if (!NOT_ASKED.has(key)) providers.set(key, [...(providers.get(key) ?? []), provider]);
    }
  }
  return [...providers].map(([key, writers]) => {
    const [plural = '', ...group] = key.split('.');
    return {
      ...{ path: 'spec.provider', group: group.join('.'), plural },
      when: `variables.provider in ${listOf(writers)}`,
    };
  });
}

type RouteKindLike = NonNullable<(typeof ROUTE_KINDS)[Provider]>[number];

/**
 * One validation a verb: a message may not ask the authorizer, so it has to know which right it is about.
 *
 * @param because CEL text that goes before `would do it for you`
 */
function rightsTo({ path, group, plural, when }: MadeKind, because: string): readonly Validation[] {
  const title = group === '' ? plural : `${plural}.${group}`;
  const advice = 'would do it for you: ask for that right, or have the canary applied by somebody who has it';
  return ['create', 'patch'].map((verb) => {
    const check = `authorizer.group('${group}').resource('${plural}').namespace(request.namespace).check('${verb}').allowed()`;
    const what = `${path}: you may not ${verb} ${title} in`;
    return {
      expression: when === 'true' ? check : `!(${when}) || ${check}`,
      message: `${what} this namespace, and this canary ${advice}`,
      messageExpression: `'${what} namespace ' + request.namespace + ', ' + ${because} + ' ${advice}'`,
      reason: 'Forbidden',
    };
  });
}

function listOf(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(', ')}]`;
}
