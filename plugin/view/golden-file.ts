import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Look } from './look.ts';

/** What is shown is kept for each of these. */
const LOOKS: readonly Look[] = [80, 160].flatMap((columns) =>
  [true, false].flatMap((hasUnicode) => [false, true].map((hasColor) => ({ columns, hasUnicode, hasColor }))),
);

/**
 * Asserts that a view shows what its golden file says, in all widths, with and without colours and Unicode. Colours stand in
 * the file as `␛`, so that it can be read.
 *
 * @param name without its ending
 * @param isUpdated writes what it shows, in place of looking
 */
export function assertGolden(name: string, isUpdated: boolean, view: (look: Look) => readonly string[]): void {
  const file = join(import.meta.dirname, 'golden', `${name}.txt`);
  const text = LOOKS.map((look) => `${titleOf(look)}\n\n${view(look).join('\n')}\n`)
    .join('\n')
    .replaceAll('\u001B', '␛');
  if (isUpdated) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  assert.equal(text, readFileSync(file, 'utf8'), `${file} differs: UPDATE_GOLDEN=1 writes it anew, if that is right`);
}

function titleOf({ columns, hasUnicode, hasColor }: Look): string {
  return `=== ${columns} columns, ${hasUnicode ? 'Unicode' : 'ASCII'}, ${hasColor ? 'colours' : 'no colours'}`;
}
