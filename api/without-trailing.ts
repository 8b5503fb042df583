/**
 * The text without these characters at its end. An expression such as /x+$/ takes n² steps, as each x begins a match anew.
 *
 *     withoutTrailing('http://host//', '/') === 'http://host'
 */
export function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
