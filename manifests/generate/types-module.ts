import type { SchemaNode } from '../../api/schema-node.ts';
import type { Definition } from './definitions.ts';

/** What every generated file begins with. */
export const GENERATED = '// Generated from manifests/crd by `make generate`. Not to be edited by hand.\n';

/**
 * The TypeScript types of a definition: one interface for each `title`, in the order in which they are first met. A field
 * with a default is never missing in what the API server returns, so it is not optional.
 */
export function typesModule({ group, version, kind, schema }: Definition): string {
  const interfaces = new Map<string, string>();

  /** The type of a node as it stands in a field; an object with fields becomes an interface of its own. */
  function typeOf(node: SchemaNode, path: string): string {
    if (node['x-kubernetes-int-or-string']) return 'number | string';
    if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(' | ');
    switch (node.type) {
      case 'string':
      case 'boolean':
      case 'number':
        return node.type;
      case 'integer':
        return 'number';
      case 'array':
        return `readonly (${typeOf(itemOf(node.items, path), `${path}[]`)})[]`;
      case 'object':
        if (node.properties !== undefined) return interfaceOf(node, path);
        return `Readonly<Record<string, ${typeOf(itemOf(node.additionalProperties, path), `${path}{}`)}>>`;
      case undefined:
        break;
    }
    throw new Error(`${kind}: ${path} has no type`);
  }

  function interfaceOf(node: SchemaNode, path: string): string {
    const name = node.title;
    if (name === undefined) throw new Error(`${kind}: ${path} needs a title to be called by`);
    const known = interfaces.get(name);
    // Reserves the place, so that an interface stands before the ones that it uses.
    if (known === undefined) interfaces.set(name, '');
    const text = `${docOf(node)}export interface ${name} {\n${fieldsOf(node, path)}}\n`;
    if (known !== undefined && withoutDoc(known) !== withoutDoc(text)) {
      throw new Error(`${kind}: ${path} is called ${name}, as another shape is`);
    }
    if (known === undefined) interfaces.set(name, text);
    return name;
  }

  function fieldsOf(node: SchemaNode, path: string): string {
    const fields = Object.entries(node.properties ?? {}).map(([name, field]) => {
      const sure = (node.required?.includes(name) ?? false) || field.default !== undefined;
      const type = path === '' ? (rootField(name) ?? typeOf(field, name)) : typeOf(field, `${path}.${name}`);
      return `${docOf(field)}readonly ${name}${sure || type === 'ObjectMeta' ? '' : '?'}: ${type};\n`;
    });
    return fields.join('');
  }

  function rootField(name: string): string | undefined {
    if (name === 'apiVersion') return `'${group}/${version}'`;
    if (name === 'kind') return `'${kind}'`;
    return name === 'metadata' ? 'ObjectMeta' : undefined;
  }

  const root: SchemaNode = { ...schema, required: ['apiVersion', 'kind', ...(schema.required ?? [])] };
  interfaceOf(root, '');
  return `${GENERATED}import type { ObjectMeta } from '../object-meta.ts';\n\n${[...interfaces.values()].join('\n')}`;
}

function itemOf(node: SchemaNode | undefined, path: string): SchemaNode {
  if (node === undefined) throw new Error(`${path} has no type for what it holds`);
  return node;
}

function docOf(node: SchemaNode): string {
  const notes = [node.description, rangeOf(node), defaultOf(node)].filter((note) => note !== undefined);
  return notes.length === 0 ? '' : `/** ${notes.join(' ')} */\n`;
}

function rangeOf({ minimum, maximum }: SchemaNode): string | undefined {
  if (minimum === undefined) return undefined;
  return maximum === undefined ? `At least ${minimum}.` : `${minimum} to ${maximum}.`;
}

function defaultOf(node: SchemaNode): string | undefined {
  return node.default === undefined ? undefined : `@default ${JSON.stringify(node.default)}`;
}

function withoutDoc(text: string): string {
  return text.replaceAll(/\/\*\*.*?\*\/\n/g, '');
}
