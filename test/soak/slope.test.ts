import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { floors, type Point, slope } from './slope.ts';

describe('slope()', () => {
  it('is how much a value grows a minute', () => {
    assert.equal(
      slope([
        [1, 10],
        [2, 12],
        [3, 14],
      ]),
      2,
    );
    assert.ok(
      Math.abs(
        slope([
          [0, 5],
          [1, 4],
          [2, 6],
          [3, 5],
        ]) - 0.2,
      ) < 1e-9,
    );
  });

  it('is 0 where nothing can be told', () => {
    assert.equal(slope([]), 0);
    assert.equal(slope([[4, 100]]), 0);
  });
});

describe('floors()', () => {
  it('sees a leak through the teeth of a heap, and none where there is none', () => {
    const heap = (leak: number): Point[] =>
      Array.from({ length: 120 }, (_, index) => [index / 6, 50 + (index % 5) * 10 + (leak * index) / 6]);
    assert.ok(Math.abs(slope(floors(heap(0)))) < 0.2);
    assert.ok(Math.abs(slope(floors(heap(3))) - 3) < 0.2);
  });
});
