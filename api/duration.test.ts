import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { durationMs, formatDuration } from './duration.ts';

describe('durationMs', () => {
  const durations: Readonly<Record<string, number>> = {
    '0': 0,
    '-0': 0,
    '0s': 0,
    '30s': 30_000,
    '1m': 60_000,
    '1m30s': 90_000,
    '2h': 7_200_000,
    '1h0m0.5s': 3_600_500,
    '1.5h': 5_400_000,
    '.5s': 500,
    '5.s': 5_000,
    '250ms': 250,
    '1us': 0.001,
    '1µs': 0.001,
    '1μs': 0.001,
    '1ns': 0.000_001,
    '+5s': 5_000,
    '-1.5m': -90_000,
    // Terms may come in any order and more than once, as they do in Go.
    '1s1h1s': 3_602_000,
    '2562047h47m16.854775807s': 9_223_372_036_854.775,
    // As near as a double comes: rounded once, and not once for each of its parts.
    '128.000001ms': 128.000_001,
    '1000.000001ms': 1000.000_001,
    '999.999999ms': 999.999_999,
  };
  for (const [text, ms] of Object.entries(durations)) {
    it(`takes ${text} for ${ms} ms`, () => assert.equal(durationMs(text), ms));
  }

  const none = [
    '',
    ' ',
    '1',
    '-',
    '+',
    '.s',
    's',
    '1min',
    '1 m',
    '1m ',
    ' 1m',
    '1d',
    '1w',
    '1M',
    '1S',
    '1m30',
    '--1s',
    '1e3s',
    '1h-1m',
    '∞',
    'infinity',
    '1,5s',
    '٣s',
  ];
  for (const text of none) {
    it(`takes ${JSON.stringify(text)} for none`, () => assert.equal(durationMs(text), undefined));
  }

  it('takes what is out of Go’s range for none', () => {
    assert.equal(durationMs('2562047h47m16.854775808s'), undefined);
    assert.notEqual(durationMs('-2562047h47m16.854775808s'), undefined);
    assert.equal(durationMs(`${'9'.repeat(200)}h`), undefined);
  });

  it('answers every text, and only with finite numbers', () => {
    const likely = fc.string({ unit: fc.constantFrom(...'0123456789.hmsnuµ+- '.split('')) });
    fc.assert(
      fc.property(fc.oneof(fc.string(), likely), (text) => {
        const ms = durationMs(text);
        assert.ok(ms === undefined || Number.isFinite(ms));
      }),
    );
  });
});

describe('formatDuration', () => {
  const texts: Readonly<Record<string, number>> = {
    '0s': 0,
    '1ns': 0.000_001,
    '1.5µs': 0.0015,
    '1.5ms': 1.5,
    '10s': 10_000,
    '1.001s': 1_001,
    '1m0s': 60_000,
    '1m30s': 90_000,
    '1h0m0s': 3_600_000,
    '-2m0s': -120_000,
    '168h0m0s': 604_800_000,
  };
  for (const [text, ms] of Object.entries(texts)) {
    it(`prints ${ms} ms as ${text}`, () => assert.equal(formatDuration(ms), text));
  }

  it('refuses what is no duration', () => {
    for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, 1e16]) assert.throws(() => formatDuration(ms), RangeError);
  });

  it('prints what durationMs reads as the same', () => {
    const ms = fc.oneof(
      fc.integer({ min: -1e12, max: 1e12 }),
      fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1e6),
    );
    fc.assert(fc.property(ms, (value) => assert.equal(durationMs(formatDuration(value)), value + 0)));
  });
});
