// Where values stand in PromQL: https://prometheus.io/docs/prometheus/latest/querying/basics/
import type { FilledIn, QueryLanguage } from './query-language.ts';

/** What the text before a value has begun and not ended. */
type Place = 'expression' | 'comment' | '"' | "'" | '`';

/** A metric's or a label's name, a number or a duration, or a part of one. */
const WORD = /^[A-Za-z0-9_:.]*$/;
const SIGNED_NUMBER = /^[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;

/** PromQL: a value in quotes is written as that text; outside of quotes it may only be a word. */
export const promQl: QueryLanguage = () => {
  let place: Place = 'expression';
  /** The character before is a backslash in quotes, which takes the next one with it. */
  let isEscape = false;
  return {
    passText(text) {
      for (const character of text) {
        if (isEscape) isEscape = false;
        else if (character === '\\') isEscape = place === '"' || place === "'";
        else place = placeAfter(place, character);
      }
    },
    valueHere: (value) =>
      isEscape
        ? { refused: 'write the variable elsewhere in the query, as there is a backslash before it' }
        : written(place, value),
  };
};

function placeAfter(place: Place, character: string): Place {
  switch (place) {
    case 'comment':
      return character === '\n' || character === '\r' ? 'expression' : 'comment';
    case 'expression':
      if (character === '#') return 'comment';
      return character === '"' || character === "'" || character === '`' ? character : 'expression';
    case '"':
    case "'":
    case '`':
      return character === place ? 'expression' : place;
  }
}

function written(place: Place, value: string): FilledIn {
  switch (place) {
    case '"':
    case "'":
      return { text: quoted(value, place) };
    case '`':
      return value.includes('`')
        ? {
            refused:
              'write it without `, or "quotes" around the variable in the query, as nothing can be escaped between ` and `',
          }
        : { text: value };
    case 'comment':
      return /[\n\r]/.test(value) ? { refused: 'write it on one line, as it stands in a comment' } : { text: value };
    case 'expression':
      return WORD.test(value) || SIGNED_NUMBER.test(value)
        ? { text: value }
        : {
            refused:
              'write a name, a number or a duration (letters, digits, "_", ":" and "."), or quotes around the variable in the query',
          };
  }
}

/** Escapes that PromQL knows in both kinds of quotes, without those of the quotes themselves. */
const KNOWN_ESCAPE = /\\(?:[abfnrtv\\]|x[0-9A-Fa-f]{2}|[0-7]{3}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})/y;

/**
 * The value between such quotes. Escapes that it has already are left as they are: without escaping of ours, as in Flagger,
 * `4\\d\\d` is how manifests had to write it.
 */
function quoted(value: string, quote: '"' | "'"): string {
  let text = '';
  for (let position = 0; position < value.length; position += 1) {
    const character = value[position] ?? '';
    if (character === '\\') {
      KNOWN_ESCAPE.lastIndex = position;
      const known = KNOWN_ESCAPE.exec(value)?.[0] ?? (value[position + 1] === quote ? `\\${quote}` : undefined);
      text += known ?? '\\\\';
      position += (known?.length ?? 1) - 1;
    } else if (character === quote) text += `\\${quote}`;
    else if (character === '\n') text += '\\n';
    else text += character;
  }
  return text;
}
