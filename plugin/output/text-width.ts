import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';

const PLAIN = /^[ -~]*$/;
/** Marks that stand on the letter before them, what is not shown, and the later parts of a Korean syllable. */
const NOTHING = /[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Control}\p{Surrogate}\u1160-\u11FF]/u;
const EMOJI = /\p{Emoji}/u;
const SKIN = /\p{Emoji_Modifier}/u;
const JOINER = '\u200D';
/** Makes the sign before it an emoji, where it can be one. */
const AS_EMOJI = '\uFE0F';

/**
 * The columns that a text takes on a screen, without its colours. As the package string-width says it, which takes 40 ms to
 * begin and another 30 for the first sign that is not ASCII: more than all else that a command does.
 */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  let before = '';
  let beforeWidth = 0;
  for (const sign of stripVTControlCharacters(text)) {
    const isJoined = before === JOINER || (SKIN.test(sign) && beforeWidth === 2);
    if (sign === AS_EMOJI && beforeWidth === 1 && EMOJI.test(before)) {
      width += 1;
      beforeWidth = 2;
    } else if (!isJoined && !NOTHING.test(sign)) {
      beforeWidth = eastAsianWidth(sign.codePointAt(0) ?? 0);
      width += beforeWidth;
    }
    before = sign;
  }
  return width;
}
