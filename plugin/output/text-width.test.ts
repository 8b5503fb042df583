import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { textWidth } from './text-width.ts';

/** What names, messages, tables and people's reasons are made of. */
const PARTS = [
  ...['podinfo', ' ', '-', '0', '~', 'é', 'e\u0301', 'ß', 'я', 'א', 'ก\u0E49', '…', '→', '—', '’', '“'],
  ...['├', '─', '└', '│', '▁', '▄', '█', '✔', '✖', '◌', '●', '⚠', '⚠\uFE0F', '▶', '▶\uFE0F', '✅', '🚀', '☕'],
  ...['日', '本', 'Ａ', '한', '각', '🇩🇪', '👍', '👍🏽', '👩‍🚀', '👨‍👩‍👧', '1\uFE0F\u20E3', '\u200B', '\u00AD', '\t'],
  ...['\u001B[31m', '\u001B[0m', '\u001B[1;38;5;208m'],
];

describe('the width of a text', () => {
  it('is its length, where it is ASCII', () => assert.equal(textWidth('canary.flagger.app/podinfo'), 26));

  it('leaves out colours and what stands on other signs, and counts wide ones twice', () => {
    assert.equal(textWidth('\u001B[32m✔\u001B[0m done'), 6);
    assert.equal(textWidth('e\u0301'), 1);
    assert.equal(textWidth('日本'), 4);
    assert.equal(textWidth('👩‍🚀'), 2);
  });

  it('is what string-width says of it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PARTS), { maxLength: 12 }), (parts) => {
        // Apart from each other, as signs that come together may make one.
        const text = parts.join('x');
        assert.equal(textWidth(text), stringWidth(text));
      }),
      { numRuns: 500 },
    );
  });
});
