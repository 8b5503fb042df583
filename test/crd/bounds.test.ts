// Everything in an object of ours has a limit and says what it is: a manifest cannot fill the API server, and `kubectl explain`
// has a word for each field.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { SchemaNode } from '../../api/schema-node.ts';
import { readDefinitions } from '../../manifests/generate/definitions.ts';

const definitions = await readDefinitions(join(import.meta.dirname, '..', '..', 'manifests', 'crd'));

/** Each node of the schema with its path, `[]` for items and `{}` for the values of a map. */
function* nodes(path: string, node: SchemaNode): Iterable<readonly [string, SchemaNode]> {
  yield [path, node];
  for (const [name, below] of Object.entries(node.properties ?? {})) yield* nodes(`${path}.${name}`, below);
  if (node.items !== undefined) yield* nodes(`${path}[]`, node.items);
  if (node.additionalProperties !== undefined) yield* nodes(`${path}{}`, node.additionalProperties);
}

function isBounded(node: SchemaNode): boolean {
  const { type, enum: values, format, maxLength, maxItems, maxProperties, additionalProperties } = node;
  if (values !== undefined || format === 'date-time') return true;
  if (type === 'string') return maxLength !== undefined;
  if (type === 'array') return maxItems !== undefined;
  return additionalProperties === undefined || maxProperties !== undefined;
}

describe('the definition', () => {
  for (const { kind, schema } of definitions) {
    // apiVersion, kind and metadata are the API server's own.
    const ours = Object.entries(schema.properties ?? {}).filter(([name]) => name === 'spec' || name === 'status');
    const all = ours.flatMap(([name, node]) => [...nodes(name, node)]);

    it(`of ${kind} bounds every text, list and map`, () => {
      assert.ok(all.length > 5);
      const unbounded = all.filter(([, node]) => !isBounded(node)).map(([path]) => path);
      assert.deepEqual(unbounded, []);
    });

    // kustomize writes them out as they are, and a reader of YAML 1.2 finds other text then.
    it(`of ${kind} has no line break of YAML 1.1 in its texts`, () => {
      assert.doesNotMatch(JSON.stringify(schema), /[\u0085\u2028\u2029]/);
    });

    it(`of ${kind} describes every field`, () => {
      const silent = all.filter(([path, node]) => !/[\]}]$/.test(path) && (node.description ?? '') === '');
      assert.deepEqual(
        silent.map(([path]) => path),
        [],
      );
    });
  }
});
