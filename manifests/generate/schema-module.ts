import type { SchemaNode } from '../../api/schema-node.ts';
import type { Definition } from './definitions.ts';
import { GENERATED } from './types-module.ts';

/**
 * The definitions' schemas as a module, for checking objects where there is no API server. Descriptions and CEL rules stay
 * in the YAML; a pattern keeps the message of the rule beside it, which says better than the pattern what to write.
 */
export function schemaModule(definitions: readonly Definition[]): string {
  const kinds = definitions.map(({ kind }) => `'${kind}'`).join(' | ');
  const entries = definitions.map(({ kind, schema }) => `${kind}: ${visible(JSON.stringify(slim(schema)))},`);
  return `${GENERATED}import type { SchemaNode } from '../schema-node.ts';

/** The kinds of our group. */
export type Kind = ${kinds};

export const schemas: Readonly<Record<Kind, SchemaNode>> = {
${entries.join('\n')}
};
`;
}

/** Letters that nobody sees, such as those that turn the direction of text, as escapes. */
function visible(json: string): string {
  return json.replaceAll(
    /[\p{Cf}\p{Zl}\p{Zp}]/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function slim(node: SchemaNode): SchemaNode {
  const { title: _title, description: _description, properties, items, additionalProperties, ...kept } = node;
  const { 'x-kubernetes-validations': rules = [], ...rest } = kept;
  const message = node.pattern === undefined ? undefined : rules[0]?.message;
  return {
    ...rest,
    ...(message === undefined ? {} : { 'x-kubernetes-validations': [{ message }] }),
    ...(properties === undefined ? {} : { properties: mapValues(properties, slim) }),
    ...(items === undefined ? {} : { items: slim(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: slim(additionalProperties) }),
  };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, f: (value: T) => U): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
