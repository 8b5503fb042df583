import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { planOf, type Steps, stepAfter } from './plan.ts';

/** `10`, `0+30` for weight 0 with 30 % copied, `100!` for the switch. */
const written = (analysis: Steps) =>
  planOf(analysis).map(
    ({ weight, mirrorWeight, isSwitch }) =>
      `${weight}${mirrorWeight > 0 ? `+${mirrorWeight}` : ''}${isSwitch ? '!' : ''}`,
  );
const match = [{ headers: { 'x-user': { exact: 'insider' } } }];

describe('planOf()', () => {
  const cases: readonly (readonly [string, Steps, readonly string[]])[] = [
    ['steps of one size up to or past the most', { stepWeight: 20, maxWeight: 50 }, ['20', '40', '60']],
    ['steps up to all', { stepWeight: 30 }, ['30', '60', '90', '100']],
    ['weights as they are, whatever the most is', { stepWeights: [1, 10, 80], maxWeight: 5 }, ['1', '10', '80']],
    ['no steps where there are none', {}, []],
    ['copies before the first weight', { stepWeight: 50, mirror: true }, ['0+100', '50', '100']],
    ['checks without users, and then a switch', { iterations: 3 }, ['0', '0', '0', '100!']],
    ['checks with copies', { iterations: 2, mirror: true, mirrorWeight: 30 }, ['0+30', '0+30', '100!']],
    ['mirror: false as nothing', { iterations: 1, mirror: false, mirrorWeight: 30 }, ['0', '100!']],
    ['checks with some users', { iterations: 2, match }, ['100', '100']],
    ['weights of some users', { stepWeights: [10, 50], match }, ['10', '50']],
    ['an empty match as none', { iterations: 1, match: [] }, ['0', '100!']],
  ];
  for (const [title, analysis, expected] of cases)
    it(`has ${title}`, () => assert.deepEqual(written(analysis), expected));
});

describe('stepAfter()', () => {
  const after = (analysis: Steps, step: number, weight: number) => stepAfter(planOf(analysis), step, weight)?.step;

  it('goes from the first step to the last', () => {
    for (const analysis of [
      { stepWeight: 30 },
      { iterations: 3 },
      { iterations: 3, match },
      { stepWeight: 50, mirror: true },
    ]) {
      const plan = planOf(analysis);
      let at = { step: 0, weight: 0 };
      for (const [index, { weight }] of plan.entries()) {
        const next = stepAfter(plan, at.step, at.weight);
        assert.deepEqual([next?.step, next?.weight], [index + 1, weight]);
        at = { step: index + 1, weight };
      }
      assert.equal(stepAfter(plan, at.step, at.weight), undefined);
    }
  });

  it('is the first that gives more, in a plan that was edited', () => {
    assert.equal(after({ stepWeights: [10, 20, 40] }, 1, 30), 3);
    assert.equal(after({ stepWeights: [10, 20] }, 3, 30), undefined);
    // Fewer checks than there have been: to the switch.
    assert.equal(after({ iterations: 2 }, 5, 0), 3);
    assert.equal(after({ stepWeights: [10, 20] }, 2, 0), 1);
    assert.equal(after({ iterations: 3 }, 2, 30), 4);
  });

  it('never gives less', () => {
    const plan = fc.oneof(
      fc.constantFrom<Steps>({ iterations: 2 }, { iterations: 3, match }, { stepWeight: 40, mirror: true }, {}),
      fc.record({ stepWeight: fc.integer({ min: 1, max: 100 }) }),
    );
    fc.assert(
      fc.property(plan, fc.nat(6), fc.integer({ min: 0, max: 100 }), (analysis, step, weight) => {
        const next = stepAfter(planOf(analysis), step, weight);
        assert.ok(next === undefined || next.weight >= weight);
      }),
    );
  });
});
