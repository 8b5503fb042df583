import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { revisionOf } from '../../api/revision.ts';
import { findKeptRevision, type KeptRevision, keptRevisionsOf, type StoredRevision } from './kept-revisions.ts';

const CANARY = { name: 'podinfo', uid: 'ours' };
const templateOf = (letter: string) => ({ metadata: { labels: { of: letter } } });
const [A, B, C] = ['a', 'b', 'c'].map((letter) => revisionOf(templateOf(letter))) as [string, string, string];

function stored(letter: string, at: number, owner = 'ours', isFormer = false): StoredRevision {
  const revision = revisionOf(templateOf(letter));
  const annotations = { 'flagger.app/revision': revision };
  const name = `podinfo-${isFormer ? revision.slice(0, 10) : revision}`;
  return {
    metadata: { ...{ name, uid: revision, resourceVersion: '1' }, annotations, ownerReferences: [{ uid: owner }] },
    revision: at,
    data: { of: 'target', template: templateOf(letter) },
  };
}

describe('keptRevisionsOf()', () => {
  it('counts from the oldest, and leaves out those of a canary of the same name that is gone', () => {
    const kept = keptRevisionsOf([stored('b', 20), stored('a', 10), stored('c', 5, 'gone')], CANARY);
    assert.deepEqual(
      kept.map(({ ordinal, revision, createdAt }) => [ordinal, revision, createdAt]),
      [
        [1, A, '1970-01-01T00:00:10.000Z'],
        [2, B, '1970-01-01T00:00:20.000Z'],
      ],
    );
  });

  it('leaves out what has another hash than it is named by, and reads those of an earlier version once', () => {
    const planted = { ...stored('b', 20), data: { of: 'target', template: templateOf('x') } };
    const kept = keptRevisionsOf([stored('a', 10, 'ours', true), stored('a', 10), planted], CANARY);
    assert.deepEqual(
      kept.map(({ ordinal, revision }) => [ordinal, revision]),
      [[1, A]],
    );
  });
});

describe('two revisions that are kept in one second', () => {
  it('have an order, and are newer than those of a controller that wrote seconds', () => {
    const kept = keptRevisionsOf(
      [stored('a', 1_767_225_600_700), stored('b', 1_767_225_600_100), stored('c', 1_767_225_500)],
      CANARY,
    );
    assert.deepEqual(
      kept.map(({ revision, createdAt }) => [revision, createdAt]),
      [
        [C, '2025-12-31T23:58:20.000Z'],
        [B, '2026-01-01T00:00:00.100Z'],
        [A, '2026-01-01T00:00:00.700Z'],
      ],
    );
  });
});

describe('findKeptRevision()', () => {
  const digits = `123456${'0'.repeat(58)}`;
  const [one, two] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string];
  const revisions = [one, two, digits, `aaaaaab${one}`.slice(0, 64)];
  const kept = revisions.map((revision, index): KeptRevision => {
    return { ...{ ordinal: index + 1, revision, createdAt: '', of: 'target' }, template: {} };
  });
  const found = (text: string) => findKeptRevision(kept, text).ordinal;

  it('finds by number and by the beginning of the revision', () => {
    assert.deepEqual([found('1'), found('bbbbbb'), found('123456'), found(one)], [1, 2, 3, 1]);
  });

  it('says which there are where it is none of them, or not only one', () => {
    assert.throws(() => found('9'), /there is no revision 9: there are 1 \(aaaaaaaaaa\), 2 \(bbbbbbbbbb\), 3 /);
    assert.throws(() => found('bbb'), /"bbb" is no number, and too short/);
    assert.throws(() => found('cccccc'), /revision cccccc is not kept: there are 1/);
    assert.throws(() => found('aaaaaa'), /more than one revision begins with aaaaaa/);
    assert.throws(() => findKeptRevision([], '1'), /there are none/);
  });
});
