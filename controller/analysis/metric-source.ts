import { forbiddenText } from '../../api/cluster/cross-namespace.ts';
import type { Canary, Metric, TemplateRef } from '../../api/generated/canary.ts';
import type { MetricTemplate, MetricProvider as ProviderSpec } from '../../api/generated/metric-template.ts';
import { type ReleaseNames, releaseNames } from '../../api/names.ts';
import type { Provider } from '../../api/provider-abilities.ts';
import { queryLanguageOf } from '../../api/query-language.ts';
import { parseQueryTemplate, QueryTemplateError, type QueryVariable, renderQuery } from '../../api/query-template.ts';
import { referredNamespace } from '../../api/referred-namespace.ts';
import { builtInQueriesOf, isBuiltInCheck } from './built-in-queries.ts';

/** Whom a metric asks, and what. */
export interface MetricSource {
  /** For messages: `MetricTemplate test/latency (prometheus.monitoring:9090)`. */
  readonly name: string;
  readonly provider: ProviderSpec;
  /** With its variables filled in. */
  readonly query: string;
  /** The address is the controller's `--metrics-server`. */
  readonly isOperators?: boolean;
  /** Where the credentials are. */
  readonly secret?: SecretKey;
}

export interface SecretKey {
  readonly namespace: string;
  readonly name: string;
}

export interface SourceDeps {
  /** Who splits the canary's traffic. */
  readonly provider: Provider;
  /** URL of the Prometheus of canaries that name none. */
  readonly metricsServer: string;
  /** Whether the template may be of another namespace than the canary. @default true */
  readonly crossNamespaceRefs?: boolean;
  readonly template: (
    namespace: string,
    name: string,
  ) => MetricTemplate | undefined | Promise<MetricTemplate | undefined>;
}

/** A metric that nobody can be asked for; the message says what to do. */
class MetricSourceError extends Error {
  override readonly name = 'MetricSourceError';
}

/** @throws {MetricSourceError} */
export async function metricSource(canary: Canary, metric: Metric, deps: SourceDeps): Promise<MetricSource> {
  const names = releaseNames(canary.spec);
  if (metric.templateRef !== undefined) return ofTemplate(canary, names, metric, metric.templateRef, deps);
  const address = canary.spec.metricsServer ?? deps.metricsServer;
  const name = `metrics server${hostOf(address)}`;
  const query = inlineQuery(canary, names, metric) ?? builtInQuery(canary, names, metric, deps.provider);
  const isOperators = address === deps.metricsServer;
  return { name, provider: { type: 'prometheus', address }, query, isOperators };
}

async function ofTemplate(
  canary: Canary,
  names: ReleaseNames,
  metric: Metric,
  reference: TemplateRef,
  deps: SourceDeps,
): Promise<MetricSource> {
  const { name } = reference;
  const namespace = referredNamespace(reference, canary.metadata.namespace);
  const title = `MetricTemplate ${namespace}/${name}`;
  if (namespace !== canary.metadata.namespace && deps.crossNamespaceRefs === false)
    throw new MetricSourceError(forbiddenText(title));
  const template = await deps.template(namespace, name);
  if (template === undefined) {
    throw new MetricSourceError(`${title} is not there: create it, or correct the templateRef`);
  }
  const { provider, query } = template.spec;
  return {
    name: title + hostOf(provider.address),
    provider,
    query: rendered(
      `the query of ${title}`,
      query,
      provider.type,
      variablesOf(canary, names, metric),
      metric.templateVariables,
    ),
    ...(provider.secretRef === undefined ? {} : { secret: { namespace, name: provider.secretRef.name } }),
  };
}

function inlineQuery(canary: Canary, names: ReleaseNames, metric: Metric): string | undefined {
  const { name, query = '' } = metric;
  return query === ''
    ? undefined
    : rendered(`the query of ${name}`, query, 'prometheus', variablesOf(canary, names, metric));
}

function builtInQuery(canary: Canary, names: ReleaseNames, { name, interval }: Metric, provider: Provider): string {
  if (!isBuiltInCheck(name)) {
    throw new MetricSourceError(
      `${name} is no built-in check: write the templateRef of a MetricTemplate with its query`,
    );
  }
  const queries = builtInQueriesOf(provider);
  if (queries === undefined) {
    const message = `no ${name} is built in for ${provider} yet: write a MetricTemplate with the query and its templateRef`;
    throw new MetricSourceError(message);
  }
  const { target, apexService: service, canaryService } = names;
  return queries[name]({ namespace: canary.metadata.namespace, target, service, canaryService, interval });
}

/** Without an Ingress or a route of its own a canary has the target's name for it. */
function variablesOf(
  canary: Canary,
  { target, apexService }: ReleaseNames,
  { interval }: Metric,
): Readonly<Record<QueryVariable, string>> {
  return {
    name: canary.metadata.name,
    namespace: canary.metadata.namespace,
    target: target.name,
    service: apexService,
    ingress: canary.spec.ingressRef?.name ?? target.name,
    route: canary.spec.routeRef?.name ?? target.name,
    interval,
  };
}

function rendered(
  what: string,
  query: string,
  providerType: string,
  variables: Readonly<Record<QueryVariable, string>>,
  own: Readonly<Record<string, string>> = {},
): string {
  try {
    return renderQuery(parseQueryTemplate(query), variables, own, queryLanguageOf(providerType));
  } catch (error) {
    if (!(error instanceof QueryTemplateError)) throw error;
    throw new MetricSourceError(`${what}: ${error.message}`, { cause: error });
  }
}

/** Never the whole address: it may have a password in it. */
function hostOf(address = ''): string {
  return URL.canParse(address) ? ` (${new URL(address).host})` : '';
}
