import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { quantityOf } from './quantity.ts';

describe('quantityOf', () => {
  it('reads numbers and texts', () => {
    for (const [text, value] of Object.entries({
      ...{ '0': 0, '100': 100, '+5': 5, '1.': 1, '.5': 0.5, '500m': 0.5, '1500m': 1.5, '2k': 2000, '1Ki': 1024 },
      ...{ '1e2': 100, '1E2': 100, '1E': 1e18, '1e-2': 0.01, '12e+1': 120 },
    })) {
      assert.equal(quantityOf(text), value, text);
    }
    assert.equal(quantityOf(100), 100);
    assert.equal(quantityOf(0.5), 0.5);
  });

  it('knows what is none', () => {
    const nones = ['', ' 1', '1 ', 'm', '.', '1mm', '1K', '1ki', '1e2m', '-1', '1,5', 'Infinity', '1e999', true, [1]];
    for (const none of [...nones, null, undefined, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(quantityOf(none), undefined, String(none));
    }
  });

  it('reads whole numbers exactly', () => {
    fc.assert(fc.property(fc.nat(), (number) => assert.equal(quantityOf(String(number)), number)));
  });
});
