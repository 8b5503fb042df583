import { struckOut } from './struck-out.ts';

/** What a status, an event and a line of a terminal have room for. */
const LONGEST = 512;
/** Of an answer, so much may be blank before there is any text. */
const LOOKED_AT = 16 * 1024;
/** Each of them is looked for in all of the text. */
const MOST_HIDDEN = 64;
const UNSHOWN = 'it is not shown, as too much would have to be struck out of it';
/** Shorter ones are words that any text has. */
const SHORTEST_SECRET = 4;
const SHORTEST_WORD = 8;
const SHORTEST_SEGMENT = 16;

/**
 * The body of an answer as it may stand in a message: on one line, without control characters, of at most 512 characters.
 * Servers repeat what they were sent (`Cannot POST /services/T0/B0/x`), so what is hidden is struck out.
 *
 * @param isCut whether it is the first part of a longer one
 */
export function answerText(body: string, hidden: readonly string[], isCut = false): string {
  // Cut first: whoever answers decides how long it is, and what it repeats.
  const text = body.slice(0, LOOKED_AT);
  const texts = [...new Set(hidden)];
  if (texts.length > MOST_HIDDEN) return text.trim() === '' ? '' : UNSHOWN;
  return oneLine(struckOut(text, texts, isCut || body.length > LOOKED_AT), LONGEST);
}

/** A text of anybody's on one line, without control characters, of at most so many characters. */
export function oneLine(text: string, longest: number): string {
  const line = text.replace(BLANK, ' ').trim();
  const characters = Array.from(line);
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join('')}…`;
}

/** White space, control characters, and those that turn around the direction of what follows. */
const BLANK = /[\s\p{Cc}\p{Bidi_C}]+/gu;

/** What of a request may not stand in a message: header values, and of the URL all but scheme and host. */
export function hiddenTexts(url: URL, headers: Readonly<Record<string, string>>): readonly string[] {
  const { pathname, search, searchParams, username, password } = url;
  const values = Object.values(headers);
  const whole = [pathname + search, pathname, search, username, password, ...values];
  // `Bearer x` is repeated as `x`, and the last part of a path as an unknown token.
  const words = [...values.flatMap((value) => value.split(/\s+/)), ...searchParams.values()];
  const segments = pathname.split('/');
  return [
    ...whole.filter(({ length }) => length >= SHORTEST_SECRET),
    ...words.filter(({ length }) => length >= SHORTEST_WORD),
    ...segments.filter(({ length }) => length >= SHORTEST_SEGMENT),
  ];
}
