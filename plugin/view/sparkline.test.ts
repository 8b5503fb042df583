import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sparkline } from './sparkline.ts';

const UNICODE = { hasUnicode: true };

describe('a sparkline', () => {
  it('goes from the least value to the greatest', () => {
    assert.equal(sparkline([1, 2, 3, 4, 5, 6, 7, 8], UNICODE), '▁▂▃▄▅▆▇█');
    assert.equal(sparkline([1, 8, undefined, 1], UNICODE), '▁█?▁');
    assert.equal(sparkline([0, 100, 50], { hasUnicode: false }), '_#=');
  });

  it('is flat where nothing changes', () => assert.equal(sparkline([99, 99, 99], UNICODE), '▅▅▅'));

  it('has one sign for each value, and keeps their order', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), (values) => {
        const line = sparkline(values, UNICODE);
        assert.equal(line.length, values.length);
        values.forEach((one, index) => {
          const other = values[index + 1];
          if (other === undefined || !Number.isFinite(one) || !Number.isFinite(other) || one > other) return;
          assert.ok(line[index]! <= line[index + 1]!, `${values.join()}: ${line}`);
        });
      }),
    );
  });
});
