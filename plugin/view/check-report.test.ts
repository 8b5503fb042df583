import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fail, ok, skip, warn } from '../check/check-line.ts';
import { checkReport } from './check-report.ts';
import { assertGolden } from './golden-file.ts';

const isUpdated = process.env['UPDATE_GOLDEN'] !== undefined;

const LINES = [
  ok('API server', 'v1.36.1'),
  warn('controller', '1 of 2 pods available', 'kubectl get pods'),
  fail('webhook', 'it is not installed', 'kubectl apply -k manifests'),
  skip('controller’s rights', 'not asked: you may not ask'),
];

describe('the lines of a check', () => {
  it('have a mark, and what to type below what is not right', () =>
    assertGolden('check', isUpdated, (look) => checkReport(LINES, look)));

  it('count nothing that there is none of', () => {
    const plain = { hasColor: false, hasUnicode: false };
    assert.equal(checkReport(LINES.slice(2), plain).at(-1), '0 ok, 1 wrong, 1 not asked');
  });
});
