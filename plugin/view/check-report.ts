import type { CheckLine } from '../check/check-line.ts';
import { textWidth } from '../output/text-width.ts';
import { type Look, type Tone, toned } from './look.ts';

type Verdict = CheckLine['verdict'];

const GLYPHS: Readonly<Record<Verdict, string>> = { ok: '✔', warn: '!', fail: '✖', skip: '-' };
const WORDS: Readonly<Record<Verdict, string>> = { ok: '[ok]  ', warn: '[warn]', fail: '[FAIL]', skip: '[skip]' };
const TONES: Readonly<Record<Verdict, Tone>> = { ok: 'good', warn: 'attention', fail: 'bad', skip: 'faint' };

/** What was looked at, a line each, under it what to type where something is wrong, and last what it comes to. */
export function checkReport(
  lines: readonly CheckLine[],
  look: Pick<Look, 'hasColor' | 'hasUnicode'>,
): readonly string[] {
  const { hasUnicode } = look;
  const width = Math.max(0, ...lines.map(({ name }) => textWidth(name)));
  const marks = hasUnicode ? GLYPHS : WORDS;
  const indent = ' '.repeat(textWidth(marks.ok) + 1);
  const shown = lines.flatMap(({ name, verdict, text, fix }) => {
    const mark = toned(look, TONES[verdict], marks[verdict]);
    const first = `${mark} ${name}${' '.repeat(width - textWidth(name))}   ${text}`;
    return [first, ...(fix === undefined ? [] : [`${indent}${' '.repeat(width)}   fix: ${fix}`])];
  });
  const plain = hasUnicode ? shown : shown.map((line) => line.replaceAll('’', "'"));
  return [...plain, '', summaryOf(lines)];
}

function summaryOf(lines: readonly CheckLine[]): string {
  const count = (verdict: Verdict) => lines.filter((line) => line.verdict === verdict).length;
  const parts = [
    `${count('ok')} ok`,
    ...(['warn', 'fail', 'skip'] as const).flatMap((verdict) =>
      count(verdict) === 0
        ? []
        : [`${count(verdict)} ${{ warn: 'to look at', fail: 'wrong', skip: 'not asked' }[verdict]}`],
    ),
  ];
  return parts.join(', ');
}
