import { fieldPath } from './field-path.ts';
import type { Finding } from './finding.ts';
import type { SchemaNode } from './schema-node.ts';

/** Nobody reads more. */
const MAX_FINDINGS = 100;
/** Characters of a key. Keys stand in the path of all that is below them, and no schema can bound them. */
const LONGEST_KEY = 512;
/** Keys of an object beyond its fields: each is an error of its own, of which a hundred are told. */
const MOST_UNKNOWN = 100;
/** Characters of a text that has to be one of several, or a time: more than any of them has. */
const LONGEST_VALUE = 128;

/**
 * What has more characters, items or keys than its schema allows; the first hundred. It is asked for before anything is read
 * closely, so that no pattern meets a text past its maximum, and no error is made of each of a million items. In linear time:
 * nothing below what is too large is looked at.
 */
export function outsized(object: unknown, schema: SchemaNode): readonly Finding[] {
  const findings: Finding[] = [];
  function add(pointer: string, message: string): void {
    findings.push({ path: fieldPath(pointer, schema), message });
  }

  function look(value: unknown, node: SchemaNode, pointer: string): void {
    if (findings.length >= MAX_FINDINGS) return;
    if (typeof value === 'string') {
      const { maxLength = isShort(node) ? LONGEST_VALUE : Infinity } = node;
      if (isLonger(value, maxLength)) add(pointer, `write at most ${maxLength} characters`);
    } else if (Array.isArray(value)) {
      const { items, maxItems = Infinity } = node;
      if (value.length > maxItems) add(pointer, `write at most ${maxItems} of them`);
      else if (items !== undefined) value.forEach((item, index) => look(item, items, `${pointer}/${index}`));
    } else if (typeof value === 'object' && value !== null) lookInto(value, node, pointer);
  }

  function lookInto(value: object, node: SchemaNode, pointer: string): void {
    const { properties, additionalProperties, maxProperties = Infinity } = node;
    // What says nothing of its fields is metadata, which the API server has bounds of its own for.
    if (properties === undefined && additionalProperties === undefined) return;
    const keys = Object.keys(value);
    const most = properties === undefined ? maxProperties : Object.keys(properties).length + MOST_UNKNOWN;
    if (keys.length > most) return add(pointer, `write at most ${most} of them`);
    for (const key of keys) {
      if (key.length > LONGEST_KEY) {
        add(pointer, `write a name of at most ${LONGEST_KEY} characters in place of ${key.slice(0, 40)}…`);
        continue;
      }
      const below = properties === undefined ? additionalProperties : ownField(properties, key);
      if (below === undefined) continue;
      look((value as Readonly<Record<string, unknown>>)[key], below, `${pointer}/${escaped(key)}`);
    }
  }

  look(object, schema, '');
  return findings;
}

function ownField(properties: Readonly<Record<string, SchemaNode>>, key: string): SchemaNode | undefined {
  return Object.hasOwn(properties, key) ? properties[key] : undefined;
}

function isShort({ enum: values, format }: SchemaNode): boolean {
  return values !== undefined || format !== undefined;
}

/** In code points, as the API server and ajv count. */
function isLonger(text: string, most: number): boolean {
  if (text.length <= most) return false;
  return text.length > 2 * most || Array.from(text).length > most;
}

/** As a segment of a JSON pointer. */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
