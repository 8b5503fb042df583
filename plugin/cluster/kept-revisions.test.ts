import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findKeptRevision, keptRevisionsOf, type StoredRevision } from './kept-revisions.ts';

const [A, B] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string];

function stored(revision: string, at: number, owner = 'ours'): StoredRevision {
  const annotations = { 'flagger.app/revision': revision };
  const metadata = { name: `podinfo-${revision.slice(0, 10)}`, uid: revision, resourceVersion: '1' };
  return {
    metadata: { ...metadata, annotations, ownerReferences: [{ uid: owner }] },
    revision: at,
    data: { of: 'target', template: { metadata: { labels: revision.slice(0, 1) } } },
  };
}

describe('keptRevisionsOf()', () => {
  it('counts from the oldest, and leaves out those of a canary of the same name that is gone', () => {
    const kept = keptRevisionsOf([stored(B, 20), stored(A, 10), stored('c'.repeat(64), 5, 'gone')], 'ours');
    assert.deepEqual(
      kept.map(({ ordinal, revision, createdAt }) => [ordinal, revision, createdAt]),
      [
        [1, A, '1970-01-01T00:00:10.000Z'],
        [2, B, '1970-01-01T00:00:20.000Z'],
      ],
    );
  });
});

describe('two revisions that are kept in one second', () => {
  it('have an order, and are newer than those of a controller that wrote seconds', () => {
    const kept = keptRevisionsOf(
      [stored(A, 1_767_225_600_700), stored(B, 1_767_225_600_100), stored('c'.repeat(64), 1_767_225_500)],
      'ours',
    );
    assert.deepEqual(
      kept.map(({ revision, createdAt }) => [revision.slice(0, 1), createdAt]),
      [
        ['c', '2025-12-31T23:58:20.000Z'],
        ['b', '2026-01-01T00:00:00.100Z'],
        ['a', '2026-01-01T00:00:00.700Z'],
      ],
    );
  });
});

describe('findKeptRevision()', () => {
  const digits = `123456${'0'.repeat(58)}`;
  const kept = keptRevisionsOf([stored(A, 10), stored(B, 20), stored(digits, 30), stored(`aaaaaab${A}`, 40)], 'ours');
  const found = (text: string) => findKeptRevision(kept, text).ordinal;

  it('finds by number and by the beginning of the revision', () => {
    assert.deepEqual([found('1'), found('bbbbbb'), found('123456'), found(A)], [1, 2, 3, 1]);
  });

  it('says which there are where it is none of them, or not only one', () => {
    assert.throws(() => found('9'), /there is no revision 9: there are 1 \(aaaaaaaaaa\), 2 \(bbbbbbbbbb\), 3 /);
    assert.throws(() => found('bbb'), /"bbb" is no number, and too short/);
    assert.throws(() => found('cccccc'), /revision cccccc is not kept: there are 1/);
    assert.throws(() => found('aaaaaa'), /more than one revision begins with aaaaaa/);
    assert.throws(() => findKeptRevision([], '1'), /there are none/);
  });
});
