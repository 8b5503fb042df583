import { type Document, isAlias, isMap, isNode, isSeq, LineCounter, type Node, parseAllDocuments, Scalar } from 'yaml';
import { inOneLine } from '../in-one-line.ts';
import type { ManifestFile } from './manifest-files.ts';

/** Where something stands, for people and their editors: both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** An object as it stands in a file. */
export interface Manifest {
  readonly file: string;
  readonly object: Readonly<Record<string, unknown>>;
  /** Of a field, by the path that findings have; where the field is not there, of what it belongs in. */
  readonly positionOf: (path: string) => Position;
}

/** What is no YAML, or is YAML that says two things at once. */
export interface SyntaxError {
  readonly file: string;
  readonly position: Position;
  readonly message: string;
}

export interface Parsed {
  readonly manifests: readonly Manifest[];
  readonly errors: readonly SyntaxError[];
}

/** As kubectl reads YAML: what 1.1 called a boolean is one, and `<<` merges. */
const BOOLEANS = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:y(?:es)?|Y(?:es|ES)?|on|On|ON|no?|N[oO]?|off|Off|OFF)$/,
  identify: (value: unknown) => typeof value === 'boolean',
  resolve: (text: string) => {
    const scalar = new Scalar(/^(?:y|on)/i.test(text));
    scalar.source = text;
    return scalar;
  },
} as const;

/** The objects of a file: of each of its documents, and of lists in them. What is empty, or no object, is left out. */
export function parseManifests({ name: file, text }: ManifestFile): Parsed {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const manifests: Manifest[] = [];
  const errors: SyntaxError[] = [];
  const options = { lineCounter: lines, prettyErrors: false, merge: true, customTags: withBooleans };
  for (const document of parseAllDocuments(text, options)) {
    const wrong = document.errors.map(({ pos, message }) => ({
      file,
      position: at(pos[0]),
      message: oneLine(message),
    }));
    errors.push(...wrong);
    if (wrong.length > 0) continue;
    try {
      const root = document.toJS() as unknown;
      if (isNode(document.contents)) manifests.push(...objectsOf({ file, document, at }, document.contents, root));
    } catch (error) {
      // Aliases of aliases, which would fill the memory.
      const position = at(document.range[0]);
      errors.push({ file, position, message: error instanceof Error ? oneLine(error.message) : String(error) });
    }
  }
  return { manifests, errors };
}

type Tags = Parameters<
  NonNullable<
    Extract<NonNullable<Parameters<typeof parseAllDocuments>[1]>['customTags'], (...args: never[]) => unknown>
  >
>[0];

function withBooleans(tags: Tags): Tags {
  return [BOOLEANS, ...tags];
}

interface Source {
  readonly file: string;
  readonly document: Document;
  readonly at: (offset: number) => Position;
}

function objectsOf(source: Source, node: Node, value: unknown): readonly Manifest[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const object = value as Manifest['object'];
  const { kind, items } = object;
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    const nodes = isMap(node) ? node.get('items', true) : undefined;
    const list = resolved(source.document, nodes);
    return items.flatMap((item, index) => {
      const below = isSeq(list) ? list.items[index] : undefined;
      return objectsOf(source, isNode(below) ? below : node, item);
    });
  }
  return [{ file: source.file, object, positionOf: (path) => source.at(offsetOf(source.document, node, path)) }];
}

/**
 * Follows a path such as `spec.analysis.metrics[0].name` as far as it goes. A key may have dots in it: of those that fit, the
 * longest is meant.
 */
function offsetOf(document: Document, from: Node, path: string): number {
  let offset = from.range?.[0] ?? 0;
  let node: unknown = from;
  let rest = path;
  while (rest !== '') {
    node = resolved(document, node);
    const index = /^\[(\d+)\]\.?/.exec(rest);
    if (isSeq(node) && index !== null) {
      const item: unknown = node.items[Number(index[1])];
      if (!isNode(item)) break;
      node = item;
      offset = item.range?.[0] ?? offset;
      rest = rest.slice(index[0].length);
    } else if (isMap(node)) {
      const fields = node.items.flatMap(({ key, value }) => (isNode(key) ? [{ key, name: nameOf(key), value }] : []));
      const field = fields
        .filter(({ name }) => name !== '' && beginsWith(rest, name))
        .toSorted((one, other) => other.name.length - one.name.length)[0];
      if (field === undefined) break;
      node = field.value;
      offset = field.key.range?.[0] ?? offset;
      rest = rest.slice(field.name.length).replace(/^\./, '');
    } else break;
  }
  return offset;
}

function nameOf(key: Node): string {
  return 'value' in key ? String(key.value) : '';
}

function beginsWith(path: string, name: string): boolean {
  return path.startsWith(name) && ['', '.', '['].includes(path.charAt(name.length));
}

function resolved(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function oneLine(text: string): string {
  const line = inOneLine(text);
  return line.charAt(0).toLowerCase() + line.slice(1);
}
