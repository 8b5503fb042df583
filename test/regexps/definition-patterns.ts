import type { SchemaNode } from '../../api/schema-node.ts';
import { readDefinitions } from '../../manifests/generate/definitions.ts';
import type { FoundRegExp } from './found-regexp.ts';

/** The patterns of the definitions, as ajv compiles them. The API server's own (RE2) take linear time whatever they are. */
export async function definitionPatterns(folder: string): Promise<readonly FoundRegExp[]> {
  const definitions = await readDefinitions(folder);
  return definitions.flatMap(({ file, schema }) => [...patternsOf(schema, `manifests/crd/${file} `)]);
}

function* patternsOf(node: SchemaNode, where: string): Iterable<FoundRegExp> {
  if (node.pattern !== undefined) yield { where, source: node.pattern, flags: 'u' };
  for (const [name, below] of Object.entries(node.properties ?? {})) yield* patternsOf(below, `${where}.${name}`);
  if (node.items !== undefined) yield* patternsOf(node.items, `${where}[]`);
  if (node.additionalProperties !== undefined) yield* patternsOf(node.additionalProperties, `${where}{}`);
}
