import { type Look, type Tone, toned } from './look.ts';

/** What is compared: they begin as lines do that go and come. */
const HEADER_LINES = 2;

/** A unified diff with what goes in red and what comes in green, where there are colours. */
export function colouredDiff(patch: string, look: Pick<Look, 'hasColor'>): string {
  return patch
    .split('\n')
    .map((line, index) => toned(look, toneOf(line, index), line))
    .join('\n');
}

function toneOf(line: string, index: number): Tone | undefined {
  if (index < HEADER_LINES) return 'strong';
  if (line.startsWith('-')) return 'bad';
  if (line.startsWith('+')) return 'good';
  return line.startsWith('@@') ? 'active' : undefined;
}
