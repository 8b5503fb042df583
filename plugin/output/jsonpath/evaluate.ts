// What a template finds in an object, as k8s.io/client-go/util/jsonpath/jsonpath.go finds it with missing keys allowed.
import { JsonPathError } from './json-path-error.ts';
import type { ListNode, Node, Slice } from './parse.ts';

type Values = readonly unknown[];
type Record = Readonly<globalThis.Record<string, unknown>>;

/** What the braces of a list say beside what they find. */
interface Marks {
  isRange: boolean;
  isEnd: boolean;
}

interface Found {
  readonly results: readonly Values[];
  /** The `{end}` at which it stopped; `undefined` at the end of the template. */
  readonly end: number | undefined;
}

/**
 * What each text and each pair of braces gives, in order; those in a range once for each of its values.
 *
 * @throws {JsonPathError}
 */
export function findResults(nodes: readonly Node[], object: unknown): readonly Values[] {
  return findFrom(nodes, 0, [object], 0).results;
}

function findFrom(nodes: readonly Node[], from: number, input: Values, depth: number): Found {
  const results: Values[] = [];
  for (let at = from; at < nodes.length; at++) {
    const node = nodes[at];
    if (node === undefined) break;
    const marks: Marks = { isRange: false, isEnd: false };
    const values = walk(node, input, marks);
    if (marks.isEnd) {
      if (depth === 0) throw new JsonPathError('not in range, nothing to end');
      return { results, end: at };
    }
    if (!marks.isRange) {
      results.push(values);
      continue;
    }
    const rounds = values.map((value) => findFrom(nodes, at + 1, [value], depth + 1));
    for (const round of rounds) results.push(...round.results);
    // Without a value, only to see where it ends. What has no end goes on behind it as if it had ended at once.
    const [{ end }] = rounds.length === 0 ? [findFrom(nodes, at + 1, [null], depth + 1)] : (rounds as [Found]);
    at = end ?? at;
  }
  return { results, end: undefined };
}

function walk(node: Node, input: Values, marks: Marks): Values {
  switch (node.kind) {
    case 'text':
      return [node.text];
    case 'value':
      return input.map(() => node.value);
    case 'list':
      return walkList(node, input, marks);
    case 'identifier':
      if (node.name === 'range') marks.isRange = true;
      else if (node.name === 'end') marks.isEnd = true;
      else throw new JsonPathError(`unrecognized identifier ${node.name}`);
      return input;
    case 'field':
      return input.flatMap((value) => (isRecord(value) && Object.hasOwn(value, node.name) ? [value[node.name]] : []));
    case 'wildcard':
      return input.flatMap(childrenOf);
    case 'recursive':
      return descendantsOf(input);
    case 'union':
      return node.lists.flatMap((list) => walkList(list, input, marks));
    case 'slice':
      return input.filter((value) => value !== null).flatMap((value) => sliced(value, node));
    case 'filter':
      return input.flatMap((value) => filtered(value, node, marks));
  }
}

function walkList({ nodes }: ListNode, input: Values, marks: Marks): Values {
  return nodes.reduce<Values>((values, node) => walk(node, values, marks), input);
}

function childrenOf(value: unknown): Values {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : [];
}

/** All that has something in it: Go counts texts among it. */
function descendantsOf(input: Values): Values {
  return input.flatMap((value) => {
    if (typeof value === 'string') return value === '' ? [] : [value];
    const children = childrenOf(value);
    return children.length === 0 ? [] : [value, ...descendantsOf(children)];
  });
}

function sliced(value: unknown, slice: Slice): Values {
  if (!Array.isArray(value)) throw new JsonPathError(`${typeOf(value)} is not array or slice`);
  const { length } = value;
  const { step = 1 } = slice;
  let { from = 0, to = length } = slice;
  if (from < 0) from += length;
  if (to < 0 || (to === 0 && slice.isIndex)) to += length;
  if (from === to) return [];
  if (from >= length || from < 0) throw outOfBounds(from, length);
  if (to > length || to < 0) throw outOfBounds(to - 1, length);
  if (from > to) throw new JsonPathError(`starting index ${from} is greater than ending index ${to}`);
  if (step <= 0) throw new JsonPathError('step must be > 0');
  return (value as Values).slice(from, to).filter((_item, index) => index % step === 0);
}

function outOfBounds(index: number, length: number): JsonPathError {
  return new JsonPathError(`array index out of bounds: index ${index}, length ${length}`);
}

function filtered(value: unknown, filter: Extract<Node, { readonly kind: 'filter' }>, marks: Marks): Values {
  if (!Array.isArray(value)) throw new JsonPathError(`${typeOf(value)} is not array or slice and cannot be filtered`);
  return (value as Values).filter((item) => {
    const lefts = walkList(filter.left, [item], marks);
    if (filter.operator === 'exists') return lefts.length > 0;
    if (lefts.length === 0) return false;
    const rights = walkList(filter.right, [item], marks);
    if (rights.length === 0) return false;
    if (lefts.length > 1 || rights.length > 1) throw new JsonPathError('can only compare one element at a time');
    return compares(lefts[0], filter.operator, rights[0]);
  });
}

function compares(left: unknown, operator: string, right: unknown): boolean {
  if (!['<', '>', '==', '!=', '<=', '>='].includes(operator)) {
    throw new JsonPathError(`unrecognized filter operator ${operator}`);
  }
  const kind = basicKind(left);
  const isOfOrder = operator !== '==' && operator !== '!=';
  if (kind !== basicKind(right)) throw new JsonPathError('incompatible types for comparison');
  if (isOfOrder && kind === 'bool') throw new JsonPathError('invalid type for comparison');
  const order = orderOf(left as string, right as string);
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** Of two values of one kind. */
function orderOf<T extends string | number | boolean>(left: T, right: T): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** A whole number is another kind than a fraction. */
function basicKind(value: unknown): 'bool' | 'int' | 'float' | 'string' {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  throw new JsonPathError('invalid type for comparison');
}

function typeOf(value: unknown): string {
  return isRecord(value) ? 'map' : typeof value;
}

function isRecord(value: unknown): value is Record {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
