import type { SchemaNode } from './schema-node.ts';

/**
 * A JSON pointer as the API server writes the same place: indexes in brackets, all else with dots.
 *
 *     fieldPath('/spec/analysis/metrics/0/name', schema) === 'spec.analysis.metrics[0].name'
 */
export function fieldPath(pointer: string, schema: SchemaNode): string {
  let node: SchemaNode | undefined = schema;
  let path = '';
  for (const segment of pointer.split('/').slice(1)) {
    const name: string = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    if (node?.items !== undefined) {
      path += `[${name}]`;
      node = node.items;
    } else {
      path += path === '' ? name : `.${name}`;
      node = node?.properties?.[name] ?? node?.additionalProperties;
    }
  }
  return path;
}
