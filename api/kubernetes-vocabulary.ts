import { Ajv, type FuncKeywordDefinition } from 'ajv';
import type { SchemaNode } from './schema-node.ts';

/** RFC 3339 as the API server reads it: with seconds, and with an offset or Z. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const isDateTime = (text: string) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text));
const isInt32 = (value: number) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;

/** An ajv that knows what OpenAPI and Kubernetes add to JSON Schema, and takes any other unknown word for a mistake. */
export function createAjv(): Ajv {
  const ajv = new Ajv({
    strict: true,
    allErrors: true,
    allowUnionTypes: true,
    verbose: true,
    // The API server has taken the schemas, and the compiler's own checks are on; optimizing takes longer than it saves.
    validateSchema: false,
    inlineRefs: false,
    code: { optimize: false },
  });
  ajv.addFormat('date-time', isDateTime);
  ajv.addFormat('int32', { type: 'number', validate: isInt32 });
  ajv.addFormat('int64', { type: 'number', validate: Number.isInteger });
  ajv.addKeyword(uniqueKeys());
  // The keyword above reads the keys; the rules are the API server's, and rules/ has the same in TypeScript.
  for (const keyword of ['x-kubernetes-list-map-keys', 'x-kubernetes-validations']) ajv.addKeyword(keyword);
  return ajv;
}

/** The items of a list of type map have keys of their own; the error's `params.index` is that of the second one. */
function uniqueKeys(): FuncKeywordDefinition {
  const validate: FuncKeywordDefinition['validate'] & { errors?: object[] } = (
    _type: unknown,
    items: readonly unknown[],
    schema?: SchemaNode,
  ) => {
    const keys = schema?.['x-kubernetes-list-map-keys'] ?? [];
    const met = new Set<string>();
    validate.errors = [];
    for (const [index, item] of items.entries()) {
      if (typeof item !== 'object' || item === null) continue;
      const values = keys.map((key) => (item as Readonly<Record<string, unknown>>)[key]);
      // An item without its key is reported for that.
      if (values.includes(undefined)) continue;
      const id = JSON.stringify(values);
      if (met.has(id))
        validate.errors.push({ keyword: 'x-kubernetes-list-type', params: { index, key: values.join(' ') } });
      met.add(id);
    }
    return validate.errors.length === 0;
  };
  return { keyword: 'x-kubernetes-list-type', type: 'array', schemaType: 'string', errors: true, validate };
}
