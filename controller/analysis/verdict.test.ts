import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Judged, judge, rangeOf } from './verdict.ts';

const verdictOf = (metric: Judged, value: number) => judge(metric, { kind: 'value', value }).verdict;
const metric = (rest: Partial<Judged>, name = 'latency'): Judged => ({ name, ...rest });

describe('rangeOf()', () => {
  const RANGES: readonly [Judged, unknown][] = [
    [metric({ thresholdRange: { min: 1 } }), { min: 1 }],
    [metric({ thresholdRange: { max: 2 }, threshold: 5 }), { max: 2 }],
    [metric({ threshold: 5 }), { max: 5 }],
    [metric({ threshold: 500 }, 'request-duration'), { max: 500 }],
    [metric({ threshold: 99 }, 'request-success-rate'), { min: 99 }],
    [metric({}), { max: 0 }],
    [metric({}, 'request-success-rate'), {}],
  ];
  for (const [judged, range] of RANGES) {
    it(`of ${JSON.stringify(judged)} is ${JSON.stringify(range)}`, () => assert.deepEqual(rangeOf(judged), range));
  }
});

describe('judge()', () => {
  it('passes what is in the range, limits included, and fails the rest', () => {
    const range = metric({ thresholdRange: { min: 1, max: 2 } });
    assert.deepEqual(
      [0.999, 1, 1.5, 2, 2.001].map((value) => verdictOf(range, value)),
      ['Fail', 'Pass', 'Pass', 'Pass', 'Fail'],
    );
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(number, number, number, (min, max, value) => {
        const within = value >= min && value <= max;
        assert.equal(verdictOf(metric({ thresholdRange: { min, max } }), value), within ? 'Pass' : 'Fail');
      }),
    );
  });

  it('gives value, samples and range, and says why where it does not pass', () => {
    const judged = metric({ threshold: 99 }, 'request-success-rate');
    assert.deepEqual(judge(judged, { kind: 'value', value: 99.5, samples: 40 }), {
      ...{ verdict: 'Pass', value: 99.5, samples: 40, thresholdRange: { min: 99 } },
    });
    assert.deepEqual(judge(judged, { kind: 'value', value: 97.123456789 }), {
      ...{ verdict: 'Fail', value: 97.123456789, thresholdRange: { min: 99 } },
      message: 'it is 97.1235%, and has to be at least 99%',
    });
  });

  it('has units for what is built in only, and shows no miss as a hit', () => {
    const messageOf = (judged: Judged, value: number): string => {
      const verdict = judge(judged, { kind: 'value', value });
      return verdict.verdict === 'Pass' ? '' : verdict.message;
    };
    assert.equal(
      messageOf(metric({ threshold: 500 }, 'request-duration'), 612.25),
      'it is 612.25 ms, and has to be at most 500 ms',
    );
    const own = metric({ threshold: 500, templateRef: { name: 'a' } }, 'request-duration');
    assert.equal(messageOf(own, 612.25), 'it is 612.25, and has to be at most 500');
    assert.equal(
      messageOf(metric({ threshold: 99 }, 'request-success-rate'), 98.99999999),
      'it is 98.99999999%, and has to be at least 99%',
    );
  });

  it('keeps no data and errors as they are', () => {
    assert.deepEqual(judge(metric({}), { kind: 'no data', message: 'a' }), { verdict: 'NoData', message: 'a' });
    assert.deepEqual(judge(metric({}), { kind: 'error', message: 'b' }), { verdict: 'Error', message: 'b' });
    assert.equal(verdictOf(metric({}), NaN), 'NoData');
  });

  it('fails an infinite value that the range excludes, and promotes by none', () => {
    assert.equal(verdictOf(metric({ threshold: 1 }), Infinity), 'Fail');
    assert.equal(verdictOf(metric({ threshold: 1 }), -Infinity), 'Inconclusive');
    assert.equal(verdictOf(metric({ thresholdRange: { min: 1 } }), Infinity), 'Inconclusive');
    // What JSON.stringify makes of it would be refused by the API server.
    const verdict = judge(metric({ threshold: 1 }), { kind: 'value', value: Infinity });
    assert.equal('value' in verdict, false);
    assert.equal(verdict.verdict === 'Fail' && verdict.message, 'it is +Inf, and has to be at most 1');
  });

  it('is as Flagger’s without any limit, and inconclusive where everything would pass', () => {
    assert.deepEqual(
      [0, 0.1].map((value) => verdictOf(metric({}), value)),
      ['Pass', 'Fail'],
    );
    assert.equal(verdictOf(metric({}, 'request-success-rate'), 50), 'Inconclusive');
    assert.equal(verdictOf(metric({ thresholdRange: {} }), 50), 'Inconclusive');
  });
});
