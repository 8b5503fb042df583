import { analysisOf, analysisPath } from '../analysis.ts';
import { durationMs } from '../duration.ts';
import type { Finding } from '../finding.ts';
import type { Canary, TemplateRef } from '../generated/canary.ts';
import type { MetricTemplate } from '../generated/metric-template.ts';
import { queryLanguageOf } from '../query-language.ts';
import {
  ownVariables,
  parseQueryTemplate,
  type QueryPart,
  QueryTemplateError,
  wrongValues,
} from '../query-template.ts';
import { referredNamespace } from '../referred-namespace.ts';
import type { Cluster } from './cluster.ts';

/** The query of a template can be read, and names nothing that no canary has. */
export function* templateCanBeRead({ spec }: MetricTemplate): Iterable<Finding> {
  const parts = read(spec.query);
  if (parts instanceof QueryTemplateError) yield { path: 'spec.query', message: parts.message };
}

export function* queriesCanBeRead({ spec }: Canary): Iterable<Finding> {
  for (const [index, { query = '' }] of (analysisOf(spec).metrics ?? []).entries()) {
    const parts = read(query);
    const path = `${analysisPath(spec)}.metrics[${index}].query`;
    if (parts instanceof QueryTemplateError) yield { path, message: parts.message };
    else if (ownVariables(parts).length > 0) {
      const message = 'has variables of its own: they can be given to a MetricTemplate only, write a templateRef';
      yield { path, message };
    }
  }
}

/** A template that asks for a variable is given it. */
export function* templatesGetTheirVariables(canary: Canary, cluster: Cluster): Iterable<Finding> {
  for (const [index, { templateRef, templateVariables = {} }] of (canary.spec.analysis?.metrics ?? []).entries()) {
    const template = templateRef && templateOf(canary, templateRef, cluster);
    const query = template?.spec?.query;
    if (template === undefined || typeof query !== 'string') continue;
    const parts = read(query);
    // A template that cannot be read has its own error.
    if (parts instanceof QueryTemplateError) continue;
    const missing = ownVariables(parts).filter((name) => !Object.hasOwn(templateVariables, name));
    if (missing.length === 0) continue;
    const message = `write ${missing.join(', ')}, which MetricTemplate ${template.metadata.name} asks for`;
    yield { path: `spec.analysis.metrics[${index}].templateVariables`, message };
  }
}

/** A warning: a value that its provider's language cannot take where the template has it makes its check an error. */
export function* valuesFitTheirPlaces(canary: Canary, cluster: Cluster): Iterable<Finding> {
  for (const [index, { templateRef, templateVariables = {} }] of (canary.spec.analysis?.metrics ?? []).entries()) {
    const template = templateRef && templateOf(canary, templateRef, cluster);
    const { query, provider } = template?.spec ?? {};
    if (template === undefined || typeof query !== 'string' || typeof provider?.type !== 'string') continue;
    const parts = read(query);
    if (parts instanceof QueryTemplateError) continue;
    const path = `spec.analysis.metrics[${index}].templateVariables`;
    for (const wrong of wrongValues(parts, templateVariables, queryLanguageOf(provider.type))) {
      yield { path, message: `does not fit MetricTemplate ${template.metadata.name}, ${wrong}` };
    }
  }
}

/** A warning: Prometheus has no rate over less than two samples. */
export function* intervalCoversScrapes(canary: Canary, cluster: Cluster): Iterable<Finding> {
  const { metrics = [] } = analysisOf(canary.spec);
  for (const [index, { interval, templateRef }] of metrics.entries()) {
    const template = templateRef && templateOf(canary, templateRef, cluster);
    if (templateRef !== undefined && template?.spec?.provider?.type !== 'prometheus') continue;
    const ms = durationMs(interval);
    if (ms === undefined || ms >= 2 * cluster.scrapeIntervalMs) continue;
    const message = `is shorter than two scrapes of ${cluster.scrapeIntervalMs / 1000}s: Prometheus may have no value for it`;
    yield { path: `${analysisPath(canary.spec)}.metrics[${index}].interval`, message };
  }
}

/** One that another definition let in may say anything, or nothing. */
interface StoredTemplate {
  readonly metadata: MetricTemplate['metadata'];
  readonly spec?: { readonly query?: unknown; readonly provider?: { readonly type?: unknown } | null } | null;
}

/** In the canary's own namespace where none is named. */
function templateOf({ metadata }: Canary, reference: TemplateRef, { templates }: Cluster): StoredTemplate | undefined {
  const namespace = referredNamespace(reference, metadata.namespace);
  return templates.find((each) => each.metadata.namespace === namespace && each.metadata.name === reference.name);
}

function read(query: string): readonly QueryPart[] | QueryTemplateError {
  try {
    return parseQueryTemplate(query);
  } catch (error) {
    if (error instanceof QueryTemplateError) return error;
    throw error;
  }
}
