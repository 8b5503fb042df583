import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand } from './expansion.ts';

const variables = new Map([
  ['A', '1'],
  ['EMPTY', ''],
]);

for (const [text, expected] of [
  ['$(A)', '1'],
  ['x$(A)y$(A)', 'x1y1'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$1'],
  ['$(B)', '$(B)'],
  ['$(EMPTY)', ''],
  ['$A', '$A'],
  ['$(A', '$(A'],
  ['cost: 5$', 'cost: 5$'],
  ['$$', '$'],
] as const) {
  test(`expand() turns ${text} into ${expected}`, () => {
    assert.equal(expand(text, variables), expected);
  });
}
