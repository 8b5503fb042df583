import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { podSelector, UnusableSelector } from './selector.ts';
import { testRelease } from './test-release.ts';

function selecting(matchLabels: Readonly<Record<string, string>> | undefined) {
  return testRelease({ deploymentSpec: { selector: matchLabels === undefined ? {} : { matchLabels } } });
}

describe('podSelector()', () => {
  it('takes the first label in the order of the options', () => {
    assert.deepEqual(podSelector(selecting({ 'app.kubernetes.io/name': 'x', name: 'web', tier: 'front' })), {
      label: 'name',
      targetValue: 'web',
      primaryValue: 'web-primary',
    });
  });

  it('says which labels were looked for, which there are, and what to do', () => {
    assert.throws(() => podSelector(selecting({ tier: 'web', env: 'x' })), {
      name: 'UnusableSelector',
      finding: {
        path: 'spec.targetRef',
        message:
          'the selector of Deployment podinfo has none of the labels app, name, app.kubernetes.io/name: it has tier, env; ' +
          "make it anew with one of them in spec.selector.matchLabels and in its pods' labels, " +
          'or start the controller with --selector-labels=tier',
      },
    });
    assert.throws(
      () => podSelector(selecting(undefined)),
      /it has no matchLabels; make it anew with one of them .*labels$/,
    );
  });

  it('passes over an empty value, and names of what every object has', () => {
    assert.equal(podSelector(selecting({ app: '', name: 'web' })).label, 'name');
    const release = testRelease({ options: { selectorLabels: ['constructor', 'app'] } });
    assert.equal(podSelector(release).label, 'app');
  });

  it('has room for the suffix', () => {
    assert.equal(podSelector(selecting({ app: 'a'.repeat(55) })).primaryValue.length, 63);
    assert.throws(
      () => podSelector(selecting({ app: 'a'.repeat(56) })),
      (error) => error instanceof UnusableSelector && /label app with 56 characters.*at most 55/.test(error.message),
    );
  });
});
