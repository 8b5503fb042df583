import { type Kind, schemas } from './generated/schemas.ts';
import type { SchemaNode } from './schema-node.ts';

/**
 * The object with the defaults of its definition filled in, as the API server does with what it is sent and what it has
 * kept. The given object is left as it is. What is not of the schema's shape is passed through, for validation to see.
 */
export function withDefaults(kind: Kind, object: unknown): unknown {
  return filled(object, schemas[kind]);
}

function filled(value: unknown, schema: SchemaNode): unknown {
  const { items, properties, additionalProperties } = schema;
  if (Array.isArray(value)) return items === undefined ? value : value.map((item) => filled(item, items));
  if (typeof value !== 'object' || value === null) return value;
  const fields = new Map<string, unknown>();
  for (const [name, field] of Object.entries(value)) {
    const node = properties?.[name] ?? additionalProperties;
    // A null where a default is counts for nothing.
    if (field === null && node?.default !== undefined) continue;
    fields.set(name, node === undefined ? field : filled(field, node));
  }
  for (const [name, node] of Object.entries(properties ?? {})) {
    if (node.default !== undefined && !fields.has(name)) fields.set(name, node.default);
  }
  return Object.fromEntries(fields);
}
