import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withOurs } from './introduced-backends.ts';

const ours = [
  { name: 'p', weight: 0 },
  { name: 'c', weight: 0 },
];
const written = (...backends: { name: string; weight?: number }[]) =>
  withOurs(backends, ours, 1).map(({ name, weight }) => `${name} ${weight}`);

describe('withOurs()', () => {
  it('gives ours nothing beside those that are there', () => {
    assert.deepEqual(written({ name: 'a', weight: 3 }, { name: 'b' }), ['a 3', 'b 1', 'p 0', 'c 0']);
    assert.deepEqual(written({ name: 'a', weight: 0 }), ['a 1', 'p 0', 'c 0']);
  });

  it('leaves one of ours what it had, so that somebody has something', () => {
    assert.deepEqual(written({ name: 'p' }), ['p 1', 'c 0']);
    assert.deepEqual(written({ name: 'p', weight: 0 }), ['p 1', 'c 0']);
    assert.deepEqual(written({ name: 'a', weight: 1 }, { name: 'p', weight: 9 }), ['a 1', 'p 9', 'c 0']);
  });
});
