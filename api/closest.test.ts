import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closest } from './closest.ts';

describe('closest', () => {
  const fields = ['interval', 'threshold', 'stepWeight', 'stepWeights', 'thresholdRange', 'url'];
  const meant: Readonly<Record<string, string | undefined>> = {
    intervall: 'interval',
    Interval: 'interval',
    treshold: 'threshold',
    stepWeigth: 'stepWeight',
    tresholdRange: 'thresholdRange',
    uri: 'url',
    range: 'thresholdRange',
    timeout: undefined,
    x: undefined,
    '': undefined,
  };
  for (const [word, field] of Object.entries(meant)) {
    it(`takes ${word === '' ? 'nothing' : word} for ${field ?? 'none of them'}`, () =>
      assert.equal(closest(word, fields), field));
  }

  it('is quick about long words', () => assert.equal(closest('interval'.repeat(100_000), fields), undefined));
});
