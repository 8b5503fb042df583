import { readFile } from 'node:fs/promises';
import { parseSync } from 'oxc-parser';
import type { FoundRegExp } from './found-regexp.ts';

/** A regular expression that is made at run time, of what nobody can know from the source. */
export interface UnknownRegExp {
  readonly where: string;
  readonly code: string;
}

export interface RegExpsOfSource {
  readonly known: readonly FoundRegExp[];
  readonly unknown: readonly UnknownRegExp[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Methods of a string that make a regular expression of any other argument. */
const TAKE_REGEXPS: ReadonlySet<unknown> = new Set(['match', 'matchAll', 'search']);

/** Every regular expression of a TypeScript file: literals, and calls of RegExp with what is constant in the file. */
export async function regExpsOfFile(path: string, name: string): Promise<RegExpsOfSource> {
  return regExpsOfSource(await readFile(path, 'utf8'), name);
}

export function regExpsOfSource(text: string, name: string): RegExpsOfSource {
  const { program, errors } = parseSync(name, text, { lang: 'ts' });
  if (errors.length > 0) throw new Error(`${name}: ${errors[0]?.message}`);
  const nodes = [...nodesOf(program)];
  const constants = constantsOf(nodes);
  const known: FoundRegExp[] = [];
  const unknown: UnknownRegExp[] = [];
  for (const node of nodes) {
    const where = `${name}:${text.slice(0, node.start).split('\n').length}`;
    const { pattern, flags } = (node['regex'] ?? {}) as { readonly pattern?: string; readonly flags?: string };
    if (pattern !== undefined) known.push({ where, source: pattern, flags: flags ?? '' });
    const made = madeHere(node);
    if (made === undefined) continue;
    const [source, flagsOf] = made.map((argument) => constantText(argument, constants));
    // A copy of another one is judged where that one stands.
    if (made.length > 0 && isNode(made[0]) && made[0]['regex'] !== undefined) continue;
    if (source === undefined || (made.length > 1 && flagsOf === undefined)) {
      unknown.push({ where, code: text.slice(node.start, node.end) });
    } else known.push({ where, source, flags: flagsOf ?? '' });
  }
  return { known, unknown };
}

/** The arguments, where the node makes a regular expression of them. */
function madeHere(node: Node): readonly unknown[] | undefined {
  if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return undefined;
  const [callee, given] = [node['callee'], node['arguments'] as readonly unknown[]];
  if (!isNode(callee)) return undefined;
  if (callee.type === 'Identifier' && callee['name'] === 'RegExp') return given;
  const property = callee['property'];
  const isText = isNode(given[0]) && typeof given[0]['value'] === 'string';
  const isMethod = callee.type === 'MemberExpression' && isNode(property) && TAKE_REGEXPS.has(property['name']);
  return isMethod && isText ? given.slice(0, 1) : undefined;
}

function constantsOf(nodes: readonly Node[]): ReadonlyMap<unknown, unknown> {
  const declared = nodes.filter(({ type, kind }) => type === 'VariableDeclaration' && kind === 'const');
  const all = declared.flatMap(({ declarations }) => declarations as readonly Node[]);
  return new Map(all.flatMap(({ id, init }) => (isNode(id) && id.type === 'Identifier' ? [[id['name'], init]] : [])));
}

/** The text that an expression always is; `undefined` where it depends on anything. */
function constantText(node: unknown, constants: ReadonlyMap<unknown, unknown>): string | undefined {
  if (!isNode(node)) return undefined;
  if (typeof node['value'] === 'string') return node['value'];
  if (node.type === 'Identifier') return constantText(constants.get(node['name']), constants);
  if (node.type !== 'TemplateLiteral') return undefined;
  const texts = (node['quasis'] as readonly { readonly value: { readonly cooked: string } }[]).map(
    ({ value }) => value.cooked,
  );
  const between = (node['expressions'] as readonly unknown[]).map((each) => constantText(each, constants));
  if (between.includes(undefined)) return undefined;
  return texts.map((text, index) => text + (between[index] ?? '')).join('');
}

function* nodesOf(value: unknown): Iterable<Node> {
  if (Array.isArray(value)) for (const each of value) yield* nodesOf(each);
  else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) yield value;
    for (const each of Object.values(value)) yield* nodesOf(each);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}
