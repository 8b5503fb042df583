/**
 * The queries of MetricTemplates, which are Go templates of one kind: text with `{{ name }}` in it. Whole Go templates would
 * allow loops and conditions; queries that were seen use variables only, so anything else is refused and never misread.
 */
import type { QueryLanguage } from './query-language.ts';

/** What a query may name: what is known of the canary, and `variables.NAME` from `templateVariables`. */
export const QUERY_VARIABLES = ['name', 'namespace', 'target', 'service', 'ingress', 'route', 'interval'] as const;

export type QueryVariable = (typeof QUERY_VARIABLES)[number];

export type QueryPart =
  | { readonly kind: 'text'; readonly text: string }
  /** `where` is the place in the query, such as `line 2, column 7`. */
  | { readonly kind: 'variable'; readonly name: QueryVariable; readonly where: string }
  /** `{{ variables.NAME }}` */
  | { readonly kind: 'own variable'; readonly name: string; readonly where: string };

/** For a query that does not parse or cannot be filled in; the message says where and what to write. */
export class QueryTemplateError extends Error {
  override readonly name = 'QueryTemplateError';
}

/** Characters of a query, as the definitions have it. Canaries and templates of older definitions may be longer. */
export const LONGEST_QUERY = 16_384;

/**
 * The text and the variables of a query, in one pass: queries are read on the event loops of webhook and controller.
 *
 * @throws {QueryTemplateError}
 */
export function parseQueryTemplate(query: string): readonly QueryPart[] {
  if (query.length > LONGEST_QUERY) {
    throw new QueryTemplateError(`has ${query.length} characters: write at most ${LONGEST_QUERY}`);
  }
  const parts: QueryPart[] = [];
  const where = placesIn(query);
  const commentEnd = commentEndsIn(query);
  let position = 0;
  let trimNext = false;
  const addText = (end: number, trimEnd: boolean): void => {
    let text = query.slice(position, end);
    if (trimNext) text = text.trimStart();
    if (trimEnd) text = text.trimEnd();
    if (text !== '') parts.push({ kind: 'text', text });
  };
  for (let start = query.indexOf('{{'); start !== -1; start = query.indexOf('{{', position)) {
    const trimBefore = query[start + 2] === '-' && isBlank(query[start + 3]);
    const bodyStart = afterBlanks(query, start + (trimBefore ? 4 : 2));
    const bodyEnd = query.startsWith('/*', bodyStart) ? commentEnd(bodyStart + 2) : undefined;
    const action = bodyEnd === undefined ? actionAt(query, bodyStart) : closedAt(query, bodyEnd);
    if (action === undefined) throw new QueryTemplateError(`${where(start)}: write }} where this {{ is to end`);
    addText(start, trimBefore);
    const part = parseAction(query.slice(bodyStart, bodyEnd ?? action.bodyEnd), where(start));
    if (part !== undefined) parts.push(part);
    position = action.end;
    trimNext = action.trimAfter;
  }
  addText(query.length, false);
  return parts;
}

/**
 * The query with its variables filled in, each as the language takes it at its place. Every one that it names must be given.
 *
 * @throws {QueryTemplateError} for a variable that is missing, and a value that the language has no way to write there
 */
export function renderQuery(
  parts: readonly QueryPart[],
  values: Readonly<Record<QueryVariable, string>>,
  own: Readonly<Record<string, string>>,
  language: QueryLanguage,
): string {
  const given = (part: Variable) => (part.kind === 'variable' ? values[part.name] : ownValue(own, part.name));
  return filledIn(parts, language, given).join('');
}

/** What is wrong with the values of `templateVariables` for this query; those that are missing are left out. */
export function wrongValues(
  parts: readonly QueryPart[],
  own: Readonly<Record<string, string>>,
  language: QueryLanguage,
): readonly string[] {
  const wrong = new Set<string>();
  const given = ({ kind, name }: Variable) => (kind === 'variable' ? '' : (ownValue(own, name) ?? ''));
  filledIn(parts, language, given, (message) => wrong.add(message));
  return [...wrong];
}

/** The names that a query asks `templateVariables` for. */
export function ownVariables(parts: readonly QueryPart[]): readonly string[] {
  return [...new Set(parts.flatMap((part) => (part.kind === 'own variable' ? [part.name] : [])))];
}

type Variable = Exclude<QueryPart, { readonly kind: 'text' }>;

function ownValue(own: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(own, name) ? own[name] : undefined;
}

function filledIn(
  parts: readonly QueryPart[],
  language: QueryLanguage,
  valueOf: (part: Variable) => string | undefined,
  refuse: (message: string) => void = (message) => {
    throw new QueryTemplateError(message);
  },
): readonly string[] {
  const read = language();
  return parts.map((part) => {
    if (part.kind === 'text') {
      read.passText(part.text);
      return part.text;
    }
    const name = part.kind === 'variable' ? part.name : `variables.${part.name}`;
    const value = valueOf(part);
    if (value === undefined) {
      refuse(`templateVariables has no ${part.name}`);
      return '';
    }
    const filled = read.valueHere(value);
    if ('refused' in filled) refuse(`${part.where}: ${name} is ${shown(value)}: ${filled.refused}`);
    return 'refused' in filled ? '' : filled.text;
  });
}

interface ActionEnd {
  readonly bodyEnd: number;
  /** Behind the `}}`. */
  readonly end: number;
  /** Whether it is ` -}}`, which takes the blanks behind it away. */
  readonly trimAfter: boolean;
}

/** The action whose body, which is no whole comment, begins here. */
function actionAt(query: string, bodyStart: number): ActionEnd | undefined {
  const close = query.indexOf('}}', bodyStart);
  if (close === -1) return undefined;
  const trimAfter = query[close - 1] === '-' && close - 2 >= bodyStart && isBlank(query[close - 2]);
  let bodyEnd = trimAfter ? close - 1 : close;
  while (bodyEnd > bodyStart && isBlank(query[bodyEnd - 1])) bodyEnd -= 1;
  return { bodyEnd, end: close + 2, trimAfter };
}

/** The end of an action, if it ends behind this body: `}}` or ` -}}`, with blanks before. */
function closedAt(query: string, bodyEnd: number): ActionEnd | undefined {
  const close = afterBlanks(query, bodyEnd);
  if (query.startsWith('}}', close)) return { bodyEnd, end: close + 2, trimAfter: false };
  const isTrimmed = close > bodyEnd && query.startsWith('-}}', close);
  return isTrimmed ? { bodyEnd, end: close + 3, trimAfter: true } : undefined;
}

/**
 * Finds the end of a comment that begins before `from`: the first `*` and `/` that an action ends behind. What was found for
 * one comment is kept for the next, as each search starts behind the one before.
 */
function commentEndsIn(query: string): (from: number) => number | undefined {
  let star = -1;
  return (from) => {
    if (star === Infinity || star >= from) return star === Infinity ? undefined : star + 2;
    for (star = query.indexOf('*/', from); star !== -1; star = query.indexOf('*/', star + 1)) {
      if (closedAt(query, star + 2) !== undefined) return star + 2;
    }
    star = Infinity;
    return undefined;
  };
}

function parseAction(body: string, where: string): Variable | undefined {
  if (body.startsWith('/*')) return undefined;
  const own = /^\(?\s*variables\s*\)?\.([A-Za-z_]\w*)$|^index\s+variables\s+"([^"\\]+)"$/.exec(body);
  const ownName = own?.[1] ?? own?.[2];
  if (ownName !== undefined) return { kind: 'own variable', name: ownName, where };
  const name = QUERY_VARIABLES.find((known) => known === body);
  if (name !== undefined) return { kind: 'variable', name, where };
  if (body === '') throw new QueryTemplateError(`${where}: write the name of a variable between {{ and }}`);
  const known = [...QUERY_VARIABLES, 'variables.NAME'].join(', ');
  throw new QueryTemplateError(`${where}: {{ ${body.slice(0, 40)} }} is none of ${known}`);
}

/** Names places as `line 2, column 7`, counted from 1. Each has to be at or behind the one before. */
function placesIn(query: string): (offset: number) => string {
  let line = 1;
  let lineStart = 0;
  let next = query.indexOf('\n');
  return (offset) => {
    for (; next !== -1 && next < offset; next = query.indexOf('\n', lineStart)) {
      line += 1;
      lineStart = next + 1;
    }
    return `line ${line}, column ${offset - lineStart + 1}`;
  };
}

function afterBlanks(text: string, from: number): number {
  let end = from;
  while (isBlank(text[end])) end += 1;
  return end;
}

/** White space as JavaScript and `trim()` have it. */
function isBlank(character: string | undefined): boolean {
  return character !== undefined && character.trim() === '';
}

function shown(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}
