/**
 * Kubernetes' variable syntax: `$(NAME)` becomes the variable's value, `$$` a single `$`, and a reference to a variable
 * that does not exist stays as it is written, as does every other `$`.
 *
 *     expand('$(A)-$$(A)-$(B)', new Map([['A', '1']]))  // '1-$(A)-$(B)'
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  let result = '';
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0 || dollar === text.length - 1) return result + text.slice(at);
    result += text.slice(at, dollar);
    if (text[dollar + 1] === '$') {
      result += '$';
      at = dollar + 2;
      continue;
    }
    const end = text[dollar + 1] === '(' ? text.indexOf(')', dollar) : -1;
    if (end < 0) {
      result += '$';
      at = dollar + 1;
      continue;
    }
    const reference = text.slice(dollar, end + 1);
    result += variables.get(reference.slice(2, -1)) ?? reference;
    at = end + 1;
  }
  return result;
}
