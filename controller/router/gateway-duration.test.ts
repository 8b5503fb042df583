import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { durationMs, formatDuration } from '../../api/duration.ts';
import { gatewayDuration } from './gateway-duration.ts';

describe('gatewayDuration', () => {
  for (const [text, written] of [
    ['10s', '10s'],
    ['1.5s', '1s500ms'],
    ['90m', '1h30m'],
    ['1h1m1s1ms', '1h1m1s1ms'],
    ['infinity', '0s'],
    ['0s', '0s'],
    ['1us', '1ms'],
    ['100000h', '0s'],
    ['99999h', '99999h'],
  ] as const) {
    it(`writes ${text} as ${written}`, () => assert.equal(gatewayDuration(text), written));
  }

  it('keeps whole milliseconds, in a form that Gateway API has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999 * 3_600_000 }), (ms) => {
        const written = gatewayDuration(formatDuration(ms));
        assert.match(written, /^([0-9]{1,5}(h|m|s|ms)){1,4}$/);
        assert.equal(durationMs(written), ms);
      }),
    );
  });
});
