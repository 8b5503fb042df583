import { ownVariables, parseQueryTemplate, QueryTemplateError } from '../api/query-template.ts';
import type { KubeObject } from '../kube/object.ts';

/** Of all names of a query's own variables; a query with more has none that canaries are judged by here. */
const MAX_NAMES_LENGTH = 2048;

/**
 * Keeps of a template what canaries that name it are judged by, which is how it asks and for which variables: anybody may
 * create templates, as many and as large as the API server takes, and a replica of the webhook has all of them in memory.
 */
export function templateRecord<T extends KubeObject>(template: T): T {
  const { metadata, spec } = template as T & {
    readonly spec?: { readonly provider?: { readonly type?: unknown } | null; readonly query?: unknown } | null;
  };
  const { namespace, name, uid, resourceVersion } = metadata;
  const query = typeof spec?.query === 'string' ? askingFor(spec.query) : undefined;
  const kept = { provider: { type: spec?.provider?.type }, ...(query !== undefined && { query }) };
  return { metadata: { namespace, name, uid, resourceVersion }, spec: kept } as unknown as T;
}

/** A query with the same variables of its own; `undefined` for one that cannot be read. */
function askingFor(query: string): string | undefined {
  try {
    const names = [...new Set(ownVariables(parseQueryTemplate(query)))];
    // A part of a text keeps all of it in memory.
    const text = names.map((name) => `{{ index variables "${name}" }}`).join(' ');
    return text.length > MAX_NAMES_LENGTH ? undefined : Buffer.from(text).toString();
  } catch (error) {
    if (error instanceof QueryTemplateError) return undefined;
    throw error;
  }
}
