import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckStatus } from '../../api/generated/canary.ts';
import { withMeasurements } from './measurements.ts';

const check = (second: number, change: Partial<CheckStatus> = {}): CheckStatus => ({
  ...{ kind: 'Metric', name: 'errors', verdict: 'Pass', value: second },
  ...{ checkedAt: new Date(second * 1000).toISOString(), ...change },
});

describe('withMeasurements()', () => {
  it('adds what was measured, with the weight at which it was', () => {
    const first = withMeasurements([check(1)], { desiredWeight: 10 });
    const second = withMeasurements([check(2, { verdict: 'Fail' })], { desiredWeight: 20, checks: first });
    assert.deepEqual(second[0]?.measurements, [
      { checkedAt: '1970-01-01T00:00:01.000Z', verdict: 'Pass', value: 1, weight: 10 },
      { checkedAt: '1970-01-01T00:00:02.000Z', verdict: 'Fail', value: 2, weight: 20 },
    ]);
  });

  it('keeps a hook apart from a metric of its name', () => {
    const before = withMeasurements([check(1)], {});
    const hook = withMeasurements([check(2, { kind: 'Webhook' })], { checks: before });
    assert.equal(hook[0]?.measurements?.length, 1);
  });

  it('has each of them once, and no more than the last twenty', () => {
    let checks: readonly CheckStatus[] = [];
    for (let second = 1; second <= 25; second++) {
      checks = withMeasurements([check(second)], { checks });
      checks = withMeasurements([check(second)], { checks });
    }
    const values = checks[0]?.measurements?.map(({ value }) => value);
    assert.deepEqual(
      values,
      Array.from({ length: 20 }, (_, index) => index + 6),
    );
  });
});
