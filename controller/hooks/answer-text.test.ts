import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerText, hiddenTexts } from './answer-text.ts';

describe('answerText()', () => {
  it('is one line without control characters', () => {
    assert.equal(
      answerText('\n<h1>closed</h1>\r\n\tby\u0000 ops\u001b[31m red \u2028 \u202e x\u007f\u0085\n', []),
      '<h1>closed</h1> by ops [31m red x',
    );
    assert.equal(answerText(' \r\n\u0007 ', []), '');
  });

  it('has 512 characters at most, and cuts none in two', () => {
    assert.equal(answerText('x'.repeat(512), []), 'x'.repeat(512));
    assert.equal(answerText('x'.repeat(513), []), `${'x'.repeat(511)}…`);
    assert.equal(answerText('🐤'.repeat(2 ** 18), []), `${'🐤'.repeat(511)}…`);
  });

  it('strikes out what the server repeats of the request', () => {
    const url = new URL('https://user:pa55word@hooks.test/services/T0/B0/abcdefghijklmnop?key=secretkey');
    const hidden = hiddenTexts(url, { authorization: 'Bearer t0k3n-of-a-Secret', 'x-api': '12.$&.12' });
    const cases: Readonly<Record<string, string>> = {
      'Cannot POST /services/T0/B0/abcdefghijklmnop?key=secretkey': 'Cannot POST ***',
      'no abcdefghijklmnop here': 'no *** here',
      'authorization: Bearer t0k3n-of-a-Secret': 'authorization: ***',
      'unknown token "t0k3n-of-a-Secret" of user:pa55word': 'unknown token "***" of ***:***',
      'x-api is 12.$&.12, key is secretkey': 'x-api is ***, key is ***',
      'closed by services': 'closed by services',
    };
    for (const [body, text] of Object.entries(cases)) assert.equal(answerText(body, hidden), text);
    const early = answerText(`${'x'.repeat(505)} t0k3n-of-a-Secret`, hidden);
    assert.equal(early, `${'x'.repeat(505)} ***`);
  });

  it('leaves nothing of a secret where the answer was cut, whatever shrinks before it', () => {
    const secret = 's3cret-'.repeat(58);
    const body = secret.repeat(45).slice(0, 16 * 1024);
    for (const isCut of [true, false]) {
      const text = answerText(isCut ? body : body + secret, [secret], isCut);
      assert.equal(text, '***');
    }
  });

  it('shows nothing where too much would have to be struck out', () => {
    const words = Array.from({ length: 65 }, (_, index) => `word-number-${index}`).join(' ');
    const hidden = hiddenTexts(new URL('http://gate.test'), { 'x-many': words });
    assert.equal(
      answerText('word-number-64', hidden),
      'it is not shown, as too much would have to be struck out of it',
    );
    assert.equal(answerText('', hidden), '');
  });

  it('takes milliseconds for the longest answer, the most headers and the longest of them', () => {
    const values = Array.from({ length: 16 }, (_, index) => [`x-${index}`, `${'a'.repeat(8180)} ${index}`] as const);
    const hidden = hiddenTexts(new URL(`http://gate.test/${'a'.repeat(2000)}`), Object.fromEntries(values));
    const before = performance.now();
    answerText('a'.repeat(4 * 2 ** 20), hidden);
    assert.ok(performance.now() - before < 500);
  });

  it('leaves an answer whole where there is nothing to hide', () => {
    const hidden = hiddenTexts(new URL('http://gate.test'), { 'x-on': '1' });
    assert.equal(answerText('/ is closed for 1 hour', hidden), '/ is closed for 1 hour');
  });
});
