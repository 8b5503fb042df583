/**
 * The RE2 for a whole text that begins so, for gateways that know regular expressions and no prefixes.
 *
 *     prefixRegex('1.2') === '1\\.2.*'
 */
export function prefixRegex(prefix: string): string {
  return `${literalRegex(prefix)}.*`;
}

/** The RE2 for this very text. */
export function literalRegex(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
