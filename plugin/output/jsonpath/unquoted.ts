import { JsonPathError } from './json-path-error.ts';

/** Go's escapes of one character. */
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' },
};
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-3][0-7]{2})|([^])|$)/g;

/**
 * The text in quotes, single or double, with Go's escapes: `"\n"`, `'it\'s'`. A quote of the other kind needs none, and may have
 * none.
 *
 * @throws {JsonPathError} for an escape that there is not
 */
export function unquoted(literal: string): string {
  const quote = literal[0];
  return literal.slice(1, -1).replaceAll(ESCAPE, (_all, ...groups: (string | undefined)[]) => {
    const [byte, short, long, octal, one = ''] = groups;
    const hex = byte ?? short ?? long;
    if (hex !== undefined) return character(Number.parseInt(hex, 16));
    if (octal !== undefined) return character(Number.parseInt(octal, 8));
    const plain = one === quote ? one : ESCAPES[one];
    if (plain === undefined) throw new JsonPathError('invalid syntax');
    return plain;
  });
}

function character(code: number): string {
  if (code > 0x10_ffff) throw new JsonPathError('invalid syntax');
  return String.fromCodePoint(code);
}
