import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanaryStatus, FinishedRun } from '../../api/generated/canary.ts';
import { revisionOf } from '../../api/revision.ts';
import type { KeptRevision } from '../cluster/kept-revisions.ts';
import { undoRevision } from './undo-revision.ts';

const template = (image: string) => ({ spec: { containers: [{ name: 'web', image }] } });
const revision = (image: string) => revisionOf(template(image));
const kept = (...images: readonly string[]): readonly KeptRevision[] =>
  images.map((image, index) => ({
    ...{ ordinal: index + 1, revision: revision(image), createdAt: '', of: 'target' },
    template: template(image),
  }));
const run = (image: string, result: FinishedRun['result'] = 'Succeeded'): FinishedRun => ({
  revision: revision(image),
  result,
});
/** Promoted and released last, with what ended before, newest first. */
const status = (promoted: string, applied: string, history: readonly FinishedRun[], more: CanaryStatus = {}) => ({
  ...{ lastPromotedSpec: revision(promoted), lastAppliedSpec: revision(applied), history },
  ...more,
});
const to = (...args: Parameters<typeof undoRevision>) =>
  undoRevision(...args).template.spec?.containers?.map(({ image }) => image)[0];

describe('undo', () => {
  it('goes to what is promoted while something else is released, or has failed', () => {
    const released = status('b', 'c', [run('b')], { phase: 'Progressing' });
    assert.equal(to(released, template('c'), kept('a', 'b', 'c'), undefined), 'b');
    const failed = status('b', 'c', [run('c', 'Failed'), run('b')], { phase: 'Failed' });
    assert.equal(to(failed, template('c'), kept('a', 'b', 'c'), undefined), 'b');
  });

  it('goes to what was promoted before, and not to what has failed since', () => {
    const rest = status('c', 'c', [run('c'), run('x', 'Failed'), run('b'), run('a')], { phase: 'Succeeded' });
    assert.equal(to(rest, template('c'), kept('a', 'b', 'x', 'c'), undefined), 'b');
    // What is not kept any more cannot be gone back to.
    assert.equal(to(rest, template('c'), kept('a', 'x', 'c'), undefined), 'a');
  });

  it('goes to what was there before the first release, which no history has', () => {
    const rest = status('b', 'b', [run('b')], { phase: 'Succeeded' });
    assert.equal(to(rest, template('b'), kept('a', 'b'), undefined), 'a');
    assert.throws(() => to(rest, template('b'), kept('b'), undefined), /no revision is kept/);
  });

  it('stays there when it is pressed again, until that has failed', () => {
    const again = status('b', 'a', [run('b')], { phase: 'Progressing' });
    assert.equal(to(again, template('a'), kept('a', 'b'), undefined), 'a');
    const failed = status('b', 'a', [run('a', 'Failed'), run('b'), run('a')], { phase: 'Failed' });
    assert.equal(to(failed, template('a'), kept('a', 'b'), undefined), 'b');
  });

  it('takes a release that has just begun for none that was undone', () => {
    const begun = status('b', 'c', [], { phase: 'Progressing' });
    assert.equal(to(begun, template('c'), kept('b', 'c'), undefined), 'b');
  });

  it('goes to the revision that is named', () => {
    const rest = status('c', 'c', [run('c'), run('b')]);
    assert.equal(to(rest, template('c'), kept('a', 'b', 'c'), '1'), 'a');
    assert.equal(to(rest, template('c'), kept('a', 'b', 'c'), revision('b').slice(0, 8)), 'b');
  });
});
