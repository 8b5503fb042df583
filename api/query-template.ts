/**
 * The queries of MetricTemplates, which are Go templates of one kind: text with `{{ name }}` in it. Whole Go templates would
 * allow loops and conditions; queries that were seen use variables only, so anything else is refused and never misread.
 */

/** What a query may name: what is known of the canary, and `variables.NAME` from `templateVariables`. */
export const QUERY_VARIABLES = ['name', 'namespace', 'target', 'service', 'ingress', 'route', 'interval'] as const;

export type QueryVariable = (typeof QUERY_VARIABLES)[number];

export type QueryPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: QueryVariable }
  /** `{{ variables.NAME }}` */
  | { readonly kind: 'own variable'; readonly name: string };

/** For a query that does not parse; the message says where and what to write. */
export class QueryTemplateError extends Error {
  override readonly name = 'QueryTemplateError';
}

const ACTION = /\{\{(-\s)?\s*(\/\*[\s\S]*?\*\/|[\s\S]*?)\s*(\s-)?\}\}/y;

/** @throws {QueryTemplateError} */
export function parseQueryTemplate(query: string): readonly QueryPart[] {
  const parts: QueryPart[] = [];
  let position = 0;
  let trimNext = false;
  const addText = (end: number, trimEnd: boolean): void => {
    let text = query.slice(position, end);
    if (trimNext) text = text.trimStart();
    if (trimEnd) text = text.trimEnd();
    if (text !== '') parts.push({ kind: 'text', text });
  };
  for (let start = query.indexOf('{{'); start !== -1; start = query.indexOf('{{', position)) {
    ACTION.lastIndex = start;
    const match = ACTION.exec(query);
    if (match === null) throw new QueryTemplateError(`${where(query, start)}: write }} where this {{ is to end`);
    const [whole, trimBefore, body = '', trimAfter] = match;
    addText(start, trimBefore !== undefined);
    const part = parseAction(body, where(query, start));
    if (part !== undefined) parts.push(part);
    position = start + whole.length;
    trimNext = trimAfter !== undefined;
  }
  addText(query.length, false);
  return parts;
}

/** The query with its variables filled in. Every one that it names must be given. */
export function renderQuery(
  parts: readonly QueryPart[],
  values: Readonly<Record<QueryVariable, string>>,
  own: Readonly<Record<string, string>>,
): string {
  return parts
    .map((part) => {
      switch (part.kind) {
        case 'text':
          return part.text;
        case 'variable':
          return values[part.name];
        case 'own variable': {
          const value = Object.hasOwn(own, part.name) ? own[part.name] : undefined;
          if (value === undefined) throw new QueryTemplateError(`templateVariables has no ${part.name}`);
          return value;
        }
      }
    })
    .join('');
}

/** The names that a query asks `templateVariables` for. */
export function ownVariables(parts: readonly QueryPart[]): readonly string[] {
  return [...new Set(parts.flatMap((part) => (part.kind === 'own variable' ? [part.name] : [])))];
}

function parseAction(body: string, position: string): QueryPart | undefined {
  if (body.startsWith('/*')) return undefined;
  const own = /^\(?\s*variables\s*\)?\.([A-Za-z_]\w*)$|^index\s+variables\s+"([^"\\]+)"$/.exec(body);
  const ownName = own?.[1] ?? own?.[2];
  if (ownName !== undefined) return { kind: 'own variable', name: ownName };
  const name = QUERY_VARIABLES.find((known) => known === body);
  if (name !== undefined) return { kind: 'variable', name };
  if (body === '') throw new QueryTemplateError(`${position}: write the name of a variable between {{ and }}`);
  const known = [...QUERY_VARIABLES, 'variables.NAME'].join(', ');
  throw new QueryTemplateError(`${position}: {{ ${body.slice(0, 40)} }} is none of ${known}`);
}

/** `line 2, column 7`, counted from 1. */
function where(query: string, offset: number): string {
  const before = query.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}
