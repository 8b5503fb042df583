import type { SchemaNode } from './schema-node.ts';

/**
 * A structural schema as ajv takes it: objects are closed, so that a field that nobody knows is found (the API server drops
 * it without a word), and what may be a number or a text says so in `type`. Each object with fields is a definition of its
 * own, and equal ones are the same: ajv makes a function of each, and compiles them five times as fast as one for all.
 */
export function strictSchema(root: SchemaNode): object {
  const definitions = new Map<string, { readonly name: string; readonly schema: object }>();

  function referred(node: SchemaNode): object {
    if (node.properties === undefined) return strict(node);
    const key = JSON.stringify(node);
    const known = definitions.get(key);
    if (known !== undefined) return { $ref: `#/$defs/${known.name}` };
    const schema = strict(node);
    const name = String(definitions.size);
    definitions.set(key, { name, schema });
    return { $ref: `#/$defs/${name}` };
  }

  function strict(node: SchemaNode): object {
    const { properties, items, additionalProperties, 'x-kubernetes-int-or-string': intOrString, ...rest } = node;
    // An object that says nothing of its fields is metadata, which the API server has a schema of its own for.
    const others = additionalProperties === undefined ? properties === undefined : referred(additionalProperties);
    return {
      ...rest,
      ...(intOrString === undefined ? {} : { type: ['integer', 'string'] }),
      ...(properties === undefined ? {} : { properties: mapValues(properties, referred) }),
      ...(items === undefined ? {} : { items: referred(items) }),
      ...(node.type === 'object' ? { additionalProperties: others } : {}),
    };
  }

  const schema = strict(root);
  return { ...schema, $defs: Object.fromEntries([...definitions.values()].map(({ name, schema: of }) => [name, of])) };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, f: (value: T) => U): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
