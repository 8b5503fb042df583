import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { struckOut } from './struck-out.ts';

describe('struckOut()', () => {
  it('strikes out each of the hidden texts, also where they overlap', () => {
    assert.equal(struckOut('a token and a token', ['token'], false), 'a *** and a ***');
    assert.equal(struckOut('xabababx', ['abab'], false), 'x***x');
    assert.equal(struckOut('one-two-three', ['one-two', 'two-three'], false), '***');
    assert.equal(struckOut('nothing', ['', 'else'], false), 'nothing');
  });

  it('leaves nothing of a hidden text at the end of one that was cut', () => {
    assert.equal(struckOut('key: s3cr', ['s3cret'], true), 'key: ***');
    assert.equal(struckOut('key: s3cr', ['s3cret'], false), 'key: s3cr');
    assert.equal(struckOut('s3crets3c', ['s3cret'], true), '***');
  });

  it('strikes out what replacing would, and leaves no hidden text', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 40 });
    const hidden = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(letters, hidden, (text, texts) => {
        const left = struckOut(text, texts, false);
        for (const each of texts) assert.ok(!left.includes(each), `${text} ${left}`);
        if (!texts.some((each) => text.includes(each))) assert.equal(left, text);
      }),
    );
  });

  it('takes a time that grows with the text, not with the text times the hidden one', () => {
    const worst: readonly (readonly [string, string])[] = [
      ['a'.repeat(200_000), 'a'.repeat(100_000)],
      ['a'.repeat(200_000), `${'a'.repeat(100_000)}b`],
      ['ab'.repeat(100_000), `${'ab'.repeat(50_000)}c`],
      ['a'.repeat(200_000), `b${'a'.repeat(100_000)}`],
    ];
    for (const [text, hidden] of worst) {
      const before = performance.now();
      struckOut(text, [hidden], true);
      const ms = performance.now() - before;
      assert.ok(ms < 500, `${Math.round(ms)} ms`);
    }
  });
});
