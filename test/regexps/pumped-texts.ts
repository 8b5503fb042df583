import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp';

/** A text that grows: `before`, `pump` any number of times, `after`. */
export interface PumpedText {
  readonly before: string;
  readonly pump: string;
  readonly after: string;
}

/** What ends a match that has gone well so far, or lets it go on. */
const ENDS = ['', '\u0000', '!', '\n', ' ', 'a', '0'];
/** More of a counted repetition is as good as no limit. */
const MANY = 16;

/**
 * Texts that a regular expression may take long for, as backtracking engines do: each of its loops is entered as often as can
 * be, alone and with what stands before it, which each start of a search meets anew; and is then left without a match.
 */
export function pumpedTexts(source: string, flags: string): readonly PumpedText[] {
  const pattern = new RegExpParser().parsePattern(source, 0, source.length, {
    unicode: /u/.test(flags),
    unicodeSets: /v/.test(flags),
  });
  const loops: { readonly before: string; readonly pumps: readonly string[] }[] = [];
  visitRegExpAST(pattern, {
    onQuantifierEnter(node) {
      if (node.max >= MANY) loops.push({ before: textBefore(node, flags), pumps: bodiesOf(node.element, flags) });
    },
  });
  const everyPump = [...new Set(loops.flatMap(({ pumps }) => pumps))];
  const grown = loops.flatMap(({ before, pumps }) =>
    pumps.flatMap((pump) => [
      { before, pump },
      { before: '', pump },
      { before: '', pump: before + pump },
      { before: pump, pump: before === '' ? pump : before },
      ...everyPump.map((other) => ({ before, pump: pump + other })),
    ]),
  );
  const texts = grown.flatMap((each) => ENDS.map((after) => ({ ...each, after }))).filter(({ pump }) => pump !== '');
  return [...new Map(texts.map((text) => [JSON.stringify(text), text])).values()];
}

/** The shortest text that leads to a node from the beginning of the expression. */
function textBefore(node: AST.Node, flags: string): string {
  const { parent } = node;
  if (parent === null) return '';
  if (parent.type !== 'Alternative') return textBefore(parent, flags);
  const before = parent.elements.slice(0, parent.elements.indexOf(node as AST.Element));
  return textBefore(parent, flags) + before.map((each) => textOf(each, flags)).join('');
}

/** Texts of one turn of a loop: of each alternative of a group one, of a class a few characters that are not alike. */
function bodiesOf(element: AST.QuantifiableElement, flags: string): readonly string[] {
  if (element.type === 'Group' || element.type === 'CapturingGroup') {
    return element.alternatives.map(({ elements }) => elements.map((each) => textOf(each, flags, 1)).join(''));
  }
  return charactersOf(element, flags).slice(0, 4);
}

function textOf(node: AST.Element, flags: string, least = 0): string {
  switch (node.type) {
    case 'Quantifier':
      return textOf(node.element, flags, least).repeat(Math.min(node.max, Math.max(node.min, least)));
    case 'Group':
    case 'CapturingGroup':
      return (node.alternatives[0]?.elements ?? []).map((each) => textOf(each, flags, least)).join('');
    case 'Assertion':
    case 'Backreference':
      return '';
    case 'Character':
    case 'CharacterClass':
    case 'CharacterSet':
    case 'ExpressionCharacterClass':
      return charactersOf(node, flags)[0] ?? '';
  }
}

/** Characters to try: one of each kind that expressions tell apart, first; then all of ASCII. */
const TRIED = [
  ...['a', '0', ' ', '-', '.', '/', '_', '\n', 'Z', '{', ':', '\u00e9', '\u0301', '\u202e', '\u{1f680}', '\u0000'],
  ...Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index)),
];

function charactersOf(node: AST.Element, flags: string): readonly string[] {
  const one = new RegExp(`^(?:${node.raw})$`, flags.replaceAll(/[gy]/g, ''));
  const kinds = TRIED.filter((character) => one.test(character));
  return kinds.length > 0 || node.type !== 'Character' ? kinds : [String.fromCodePoint(node.value)];
}
