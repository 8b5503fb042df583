import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exitCodeOf, outcomeLine } from './outcome.ts';

const subject = 'canary.flagger.app/podinfo';

describe('outcomeLine()', () => {
  it('says what was done as kubectl does', () => {
    const promoted = { kind: 'changed', subject, done: 'promoted', detail: 'step 3 -> 4' } as const;
    assert.equal(outcomeLine(promoted, 'none'), `${subject} promoted (step 3 -> 4)`);
    assert.equal(outcomeLine(promoted, 'client'), `${subject} promoted (step 3 -> 4) (dry run)`);
    assert.equal(outcomeLine(promoted, 'server'), `${subject} promoted (step 3 -> 4) (server dry run)`);
    assert.equal(outcomeLine({ ...promoted, detail: undefined }, 'none'), `${subject} promoted`);
  });

  it('says why nothing was', () => {
    const unchanged = { kind: 'unchanged', subject, done: 'paused', detail: 'it is paused already' } as const;
    assert.equal(outcomeLine(unchanged, 'none'), `${subject} unchanged (it is paused already)`);
  });
});

describe('exitCodeOf()', () => {
  const of = (kinds: Parameters<typeof exitCodeOf>[0], errorUnchanged = false) => exitCodeOf(kinds, { errorUnchanged });

  it('is that of the worst', () => {
    assert.deepEqual([of(['changed', 'changed']), of(['changed', 'unchanged'])], [0, 0]);
    assert.deepEqual([of(['timeout', 'failed', 'changed']), of(['changed', 'timeout', 'unchanged'], true)], [1, 124]);
  });

  it('is 3 for what is unchanged where that is an error', () => {
    assert.deepEqual([of(['changed', 'unchanged'], true), of(['changed'], true)], [3, 0]);
  });
});
