import assert from 'node:assert/strict';
import { it } from 'node:test';
import { colouredDiff } from './coloured-diff.ts';

const PATCH = '--- before\n+++ after\n@@ -1,2 +1,2 @@\n same\n-old\n+new\n';

it('a diff is as it was where there are no colours', () => {
  assert.equal(colouredDiff(PATCH, { hasColor: false }), PATCH);
});

it('a diff has what goes in red and what comes in green', () => {
  const lines = colouredDiff(PATCH, { hasColor: true }).split('\n');
  assert.deepEqual(lines, [
    '\u001B[1m--- before\u001B[22m',
    '\u001B[1m+++ after\u001B[22m',
    '\u001B[36m@@ -1,2 +1,2 @@\u001B[39m',
    ' same',
    '\u001B[31m-old\u001B[39m',
    '\u001B[32m+new\u001B[39m',
    '',
  ]);
});
