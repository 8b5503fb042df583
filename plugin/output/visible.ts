/** Colours that views give to text (plugin/view/look.ts): what begins them, and what ends all of them. */
const OWN_CODES = ['1', '2', '22', '31', '32', '33', '36', '39'].map((code) => `\u001B[${code}m`);
const ENDS: ReadonlySet<string> = new Set(['\u001B[39m', '\u001B[22m']);
const END_ALL = '\u001B[39m\u001B[22m';

/** Control characters but line breaks and tabs, and what turns the direction of the text behind it. */
const HIDDEN = /(?![\n\t])[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;
const BREAKS = /[\n\r\t]+/g;

/**
 * Text as it may go to a terminal. Names, reasons, messages and events are written by others: an escape sequence in them could
 * change the title, clear the screen or hide a line. What has no sign of its own is shown as one (`^[` for escape, as kubectl
 * has it). The views' own colours pass; a text that has them itself keeps them to its line.
 */
export function visible(text: string): string {
  if (!HIDDEN.test(text)) return text;
  return text.split('\n').map(visibleLine).join('\n');
}

/** The same for what has to stay within a line, such as a cell of a table. */
export function visibleInLine(text: string): string {
  return visible(text.replaceAll(BREAKS, ' '));
}

function visibleLine(line: string): string {
  if (!HIDDEN.test(line)) return line;
  let shown = '';
  let isColoured = false;
  for (let position = 0; position < line.length; position += 1) {
    const character = line.charAt(position);
    const code = character === '\u001B' ? OWN_CODES.find((own) => line.startsWith(own, position)) : undefined;
    if (code !== undefined) {
      shown += code;
      isColoured = !ENDS.has(code);
      position += code.length - 1;
    } else shown += HIDDEN.test(character) ? signFor(character) : character;
  }
  return isColoured ? shown + END_ALL : shown;
}

function signFor(character: string): string {
  const code = character.charCodeAt(0);
  if (character === '\r') return String.raw`\r`;
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  // JSON and YAML read these as the character.
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
