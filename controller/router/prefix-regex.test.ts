import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { prefixRegex } from './prefix-regex.ts';

it('a prefix as a regular expression fits what begins so, and nothing else', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (prefix, rest) => {
      const whole = new RegExp(`^(?:${prefixRegex(prefix)})$`, 's');
      assert.ok(whole.test(prefix + rest));
      assert.equal(whole.test(rest), rest.startsWith(prefix));
    }),
  );
});
