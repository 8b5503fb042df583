import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { promDuration, promRegexOf, promString } from './prom-ql.ts';

describe('promDuration()', () => {
  const DURATIONS = {
    ...{ '1m': '1m', '1m30s': '1m30s', '2h': '2h', '250ms': '250ms', '1min': '1m', '30seconds': '30s', '5sec': '5s' },
    ...{ '1.5h': '5400000ms', '0.5m': '30000ms', '30s1m': '90000ms', '10us': '1ms', '1d': '1d', '': '' },
  };
  for (const [interval, expected] of Object.entries(DURATIONS)) {
    it(`of ${interval || 'nothing'} is ${expected}`, () => assert.equal(promDuration(interval), expected));
  }
});

describe('promString() and promRegexOf()', () => {
  it('leave no text to end the string or to mean something else', () => {
    assert.equal(promString('a"b\\c\n'), '"a\\"b\\\\c\\n"');
    assert.equal(promString(promRegexOf('a.b+c')), '"a\\\\.b\\\\+c"');
  });
});
