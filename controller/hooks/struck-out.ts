/** What stands for a hidden text. */
const STARS = '***';

/**
 * The text without the hidden ones, each run of which becomes `***`. In time that grows with the text and the hidden texts
 * and not with their product, whatever either of them is, as both may be of somebody who wants it to take long.
 *
 * @param isCut whether the text was cut at its end, where a part of a hidden one may stand then
 */
export function struckOut(text: string, hidden: readonly string[], isCut: boolean): string {
  const isHidden = new Uint8Array(text.length);
  for (const each of hidden) mark(text, each, isHidden, isCut);
  let rest = '';
  for (let start = 0; start < text.length; ) {
    let end = start + 1;
    while (end < text.length && isHidden[end] === isHidden[start]) end++;
    rest += isHidden[start] === 1 ? STARS : text.slice(start, end);
    start = end;
  }
  return rest;
}

/** After Knuth, Morris and Pratt. */
function mark(text: string, hidden: string, isHidden: Uint8Array, isCut: boolean): void {
  if (hidden === '') return;
  const borders = bordersOf(hidden);
  let matched = 0;
  let markedTo = 0;
  for (let index = 0; index < text.length; index++) {
    if (matched === hidden.length) matched = borders[matched - 1] ?? 0;
    while (matched > 0 && text[index] !== hidden[matched]) matched = borders[matched - 1] ?? 0;
    if (text[index] === hidden[matched]) matched++;
    if (matched < hidden.length) continue;
    // Not what the match before has marked: of `aaaa` in many more of them, each match would mark four.
    isHidden.fill(1, Math.max(markedTo, index + 1 - matched), index + 1);
    markedTo = index + 1;
  }
  if (isCut) isHidden.fill(1, text.length - matched);
}

/** Of each beginning of the text, how long the longest is that it also ends with, itself left aside. */
function bordersOf(text: string): Uint32Array {
  const borders = new Uint32Array(text.length);
  for (let index = 1, length = 0; index < text.length; index++) {
    while (length > 0 && text[index] !== text[length]) length = borders[length - 1] ?? 0;
    if (text[index] === text[length]) length++;
    borders[index] = length;
  }
  return borders;
}
