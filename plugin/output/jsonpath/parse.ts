// The template language of kubectl's `-o jsonpath`, read as k8s.io/client-go/util/jsonpath/parser.go reads it.
import { withoutTrailing } from '../../../api/without-trailing.ts';
import { JsonPathError } from './json-path-error.ts';
import { unquoted } from './unquoted.ts';

export type Node =
  /** Outside of braces, or in quotes inside of them. */
  | { readonly kind: 'text'; readonly text: string }
  /** What stands in one pair of braces: one after the other, each of what the one before found. */
  | { readonly kind: 'list'; readonly nodes: readonly Node[] }
  | { readonly kind: 'value'; readonly value: number | boolean }
  /** `range`, `end`, or what nobody knows. */
  | { readonly kind: 'identifier'; readonly name: string }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' | 'recursive' }
  | { readonly kind: 'union'; readonly lists: readonly ListNode[] }
  | ({ readonly kind: 'slice' } & Slice)
  | { readonly kind: 'filter'; readonly left: ListNode; readonly operator: string; readonly right: ListNode };

export type ListNode = Extract<Node, { readonly kind: 'list' }>;

/** `[from:to:step]`. An index alone is a slice of one: `to` is the one after it. */
export interface Slice {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly step: number | undefined;
  /** There is only an index: `to` 0 is then the end, and not nothing. */
  readonly isIndex: boolean;
}

const LEFT = '{';
const RIGHT = '}';
const IN_QUOTES = /^'([^']*)'$/;
const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/;
const COMPARISON = /^([^!<>=]+)([!<>=]+)(|[^!<>=].*)$/s;
const WORD = /[\p{L}\p{Nd}_]/u;
const TERMINATOR = /[\s.,[\]$@{}]/;

/**
 * Texts and what stands in braces, in turns.
 *
 * @throws {JsonPathError}
 */
export function parseTemplate(template: string): readonly Node[] {
  const nodes: Node[] = [];
  let at = 0;
  while (at < template.length) {
    const brace = template.indexOf(LEFT, at);
    const end = brace < 0 ? template.length : brace;
    if (end > at) nodes.push({ kind: 'text', text: template.slice(at, end) });
    if (brace < 0) break;
    const action = new ActionParser(template, brace + 1);
    nodes.push({ kind: 'list', nodes: action.parse() });
    at = action.position;
  }
  return nodes;
}

/** The braces are left out: `.metadata.name`. */
function parseAction(text: string): ListNode {
  const [node] = parseTemplate(`${LEFT}${text}${RIGHT}`);
  return node?.kind === 'list' ? node : { kind: 'list', nodes: [] };
}

/** Reads what stands between two braces. */
class ActionParser {
  /** Of what has not been read. */
  position: number;
  readonly #input: string;
  readonly #nodes: Node[] = [];

  constructor(input: string, position: number) {
    this.#input = input;
    this.position = position;
  }

  parse(): readonly Node[] {
    for (;;) {
      if (this.#takes(RIGHT)) return this.#nodes;
      if (this.#takes('[?(')) this.#filter();
      else if (this.#takes('..')) this.#recursive();
      else this.#one();
    }
  }

  #one(): void {
    const character = this.#input[this.position] ?? '';
    if (character === '' || character === '\n' || character === '\r') throw new JsonPathError('unclosed action');
    // The current object is what everything here is about anyway.
    if (' @$'.includes(character)) this.position++;
    else if (character === '[') this.#brackets();
    else if (character === '"' || character === "'") this.#quoted(character);
    else if (this.#takes('.')) this.#field();
    else if (/[+\-\p{Nd}]/u.test(character)) this.#number();
    else if (WORD.test(character)) this.#identifier();
    else throw new JsonPathError(`unrecognized character in action: ${JSON.stringify(character)}`);
  }

  #takes(text: string): boolean {
    const isThere = this.#input.startsWith(text, this.position);
    if (isThere) this.position += text.length;
    return isThere;
  }

  /** All up to what ends a name. With a backslash before it, nothing does. */
  #upToTerminator(escapes: boolean): string {
    const start = this.position;
    while (this.position < this.#input.length) {
      const character = this.#input[this.position] ?? '';
      if (escapes && character === '\\') this.position++;
      else if (TERMINATOR.test(character)) break;
      this.position++;
    }
    return this.#input.slice(start, this.position);
  }

  #identifier(): void {
    const name = this.#upToTerminator(false);
    const isBoolean = name === 'true' || name === 'false';
    this.#nodes.push(isBoolean ? { kind: 'value', value: name === 'true' } : { kind: 'identifier', name });
  }

  #field(): void {
    const name = this.#upToTerminator(true);
    this.#nodes.push(name === '*' ? { kind: 'wildcard' } : { kind: 'field', name: name.replaceAll('\\', '') });
  }

  #recursive(): void {
    if (this.#nodes.at(-1)?.kind === 'recursive') throw new JsonPathError('invalid multiple recursive descent');
    this.#nodes.push({ kind: 'recursive' });
    if (WORD.test(this.#input[this.position] ?? '')) this.#field();
  }

  #number(): void {
    const [text = ''] = /^[+-]?[\d.]*/.exec(this.#input.slice(this.position)) ?? [];
    this.position += text.length;
    if (!/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text)) throw new JsonPathError(`cannot parse number ${text}`);
    this.#nodes.push({ kind: 'value', value: Number(text) });
  }

  #quoted(quote: string): void {
    const start = this.position++;
    for (;;) {
      const character = this.#input[this.position++] ?? '\n';
      if (character === '\n') throw new JsonPathError('unterminated quoted string');
      if (character === quote && this.#input[this.position - 2] !== '\\') break;
    }
    this.#nodes.push({ kind: 'text', text: unquoted(this.#input.slice(start, this.position)) });
  }

  #brackets(): void {
    const end = this.#input.indexOf(']', this.position);
    const text = this.#input.slice(this.position + 1, end < 0 ? undefined : end);
    if (end < 0 || text.includes('\n')) throw new JsonPathError('unterminated array');
    this.position = end + 1;
    const parts = text.split(',');
    if (parts.length > 1) {
      this.#nodes.push({ kind: 'union', lists: parts.map((part) => parseAction(`[${trimmed(part)}]`)) });
      return;
    }
    const [, key] = IN_QUOTES.exec(text) ?? [];
    // As `.key`: a dot in it has to have a backslash before it here, too.
    if (key === undefined) this.#nodes.push({ kind: 'slice', ...sliceOf(text === '*' ? ':' : text) });
    else this.#nodes.push(...parseAction(`.${key}`).nodes);
  }

  #filter(): void {
    const start = this.position;
    let quote: string | undefined;
    let isClosed = false;
    for (;;) {
      const character = this.#input[this.position++] ?? '\n';
      if (character === '\n') throw new JsonPathError('unterminated filter');
      if (character === ')' && (quote === undefined || isClosed)) break;
      if (character !== '"' && character !== "'") continue;
      if (quote === undefined) quote = character;
      else if (character === quote && this.#input[this.position - 2] !== '\\') isClosed = true;
    }
    const text = this.#input.slice(start, this.position - 1);
    if (!this.#takes(']')) throw new JsonPathError('unclosed array expect ]');
    const { left, operator, right } = comparisonOf(text) ?? { left: text, operator: 'exists', right: '' };
    this.#nodes.push({ kind: 'filter', left: parseAction(left), right: parseAction(right), operator });
  }
}

interface Comparison {
  readonly left: string;
  readonly operator: string;
  readonly right: string;
}

/** There is something on the right: where nothing else is, that is the last sign of the operator. */
function comparisonOf(text: string): Comparison | undefined {
  const [, left, signs = '', rest = ''] = COMPARISON.exec(text) ?? [];
  if (left === undefined || signs + rest === signs.charAt(0)) return undefined;
  return rest === ''
    ? { left, operator: signs.slice(0, -1), right: signs.slice(-1) }
    : { left, operator: signs, right: rest };
}

function sliceOf(text: string): Slice {
  const [all, from = '', to, step] = SLICE.exec(text) ?? [];
  if (all === undefined) throw new JsonPathError(`invalid array index ${text}`);
  const isIndex = to === undefined;
  const start = integer(from);
  return { from: start, to: isIndex ? (start ?? 0) + 1 : integer(to.slice(1)), step: integer(step?.slice(1)), isIndex };
}

function integer(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === '-') throw new JsonPathError('array index - is not a number');
  return Number(text);
}

function trimmed(text: string): string {
  return withoutTrailing(text.replace(/^ +/, ''), ' ');
}
