import type { ErrorObject } from 'ajv';
import { closest } from './closest.ts';
import type { SchemaNode } from './schema-node.ts';

/** What to write in place of what the schema refuses; `undefined` for errors that only repeat another one. */
export function schemaMessage(error: ErrorObject): string {
  const params = error.params as Readonly<Record<string, unknown>>;
  const schema = (error.parentSchema ?? {}) as SchemaNode;
  const limit = String(params['limit']);
  switch (error.keyword) {
    case 'required':
      return 'write this field, which is required';
    case 'additionalProperties':
      return unknownField(String(params['additionalProperty']), Object.keys(schema.properties ?? {}));
    case 'type':
      return `write ${typeName(params['type'])}`;
    case 'enum':
      return oneOf(error.data, schema.enum ?? []);
    case 'minimum':
      return `write at least ${limit}`;
    case 'maximum':
      return `write at most ${limit}`;
    case 'minLength':
      return limit === '1' ? 'write something, as it is empty' : `write at least ${limit} characters`;
    case 'maxLength':
      return `write at most ${limit} characters`;
    case 'minItems':
    case 'minProperties':
      return `write at least ${limit} of them`;
    case 'maxItems':
    case 'maxProperties':
      return `write at most ${limit} of them`;
    case 'x-kubernetes-list-type':
      return `write a name that no other one has, as ${JSON.stringify(params['key'])} is there already`;
    case 'pattern':
      return (
        schema['x-kubernetes-validations']?.[0]?.message ?? `write something of the form ${String(params['pattern'])}`
      );
    case 'format':
      return params['format'] === 'date-time' ? 'write a time such as 2006-01-02T15:04:05Z' : 'write a whole number';
    default:
      return error.message ?? error.keyword;
  }
}

function unknownField(name: string, known: readonly string[]): string {
  const meant = closest(name, known);
  return meant === undefined
    ? `remove it, as there is no such field; there are ${list(known)}`
    : `there is no such field, did you mean ${meant}?`;
}

function oneOf(value: unknown, values: readonly string[]): string {
  const meant = typeof value === 'string' ? closest(value, values) : undefined;
  const choice = `write one of ${list(values.filter((one) => one !== ''))}`;
  return meant === undefined || meant === '' ? choice : `${choice}; did you mean ${meant}?`;
}

function typeName(type: unknown): string {
  if (Array.isArray(type)) return 'a whole number or a text';
  const names: Readonly<Record<string, string>> = {
    object: 'fields below it',
    array: 'a list',
    string: 'a text (in quotes, where it looks like a number or a boolean)',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
  };
  return names[String(type)] ?? String(type);
}

function list(words: readonly string[]): string {
  return words.join(', ');
}
