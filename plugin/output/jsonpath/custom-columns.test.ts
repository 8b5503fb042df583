import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { customColumnsOf, customColumnsOfFile } from './custom-columns.ts';
import { JsonPathError } from './json-path-error.ts';

const PODINFO = { metadata: { name: 'podinfo', labels: { b: '2', a: '1' } }, status: { weights: [5, 10], none: [] } };
const WEB = { metadata: { name: 'a-longer-name' }, status: {} };

describe('-o custom-columns', () => {
  it('has a column for each title, and <none> where nothing is found', () => {
    const spec = 'NAME:.metadata.name,W:.status.weights[*],ALL:{.status.weights},LABELS:metadata.labels,X:{none}';
    assert.deepEqual(customColumnsOf(spec, true).lines([PODINFO, WEB]), [
      'NAME            W        ALL      LABELS         X',
      'podinfo         5,10     [5 10]   map[a:1 b:2]   <none>',
      'a-longer-name   <none>   <none>   <none>         <none>',
    ]);
  });

  it('is six wide at least, has its titles once, and lets later lines stand under the first', () => {
    const table = customColumnsOf('A:.status.weights[0],NAME:.metadata.name', true);
    assert.deepEqual(table.lines([PODINFO]), ['A     NAME', '5     podinfo']);
    assert.deepEqual(table.lines([WEB]), ['<none>   a-longer-name']);
    assert.deepEqual(table.lines([PODINFO]), ['5        podinfo']);
    assert.deepEqual(customColumnsOf('NAME:.metadata.name', false).lines([PODINFO]), ['podinfo']);
  });

  it('is read from a file with titles above paths', () => {
    const table = customColumnsOfFile('NAME   FIRST\nmetadata.name {.status.weights[0]}\n', true);
    assert.deepEqual(table.lines([PODINFO]), ['NAME      FIRST', 'podinfo   5']);
  });

  it('does not move the cursor', () => {
    assert.deepEqual(customColumnsOf('A:.a', false).lines([{ a: '\u001B[31mred' }]), ['^[[31mred']);
  });

  it('is refused with a reason where it cannot be read', () => {
    const wrong: Readonly<Record<string, RegExp>> = {
      NAME: /^unexpected custom-columns spec: NAME, expected/,
      'NAME:{.metadata.name': /^unexpected path string/,
      'NAME:.metadata[': /^unterminated array/,
    };
    for (const [spec, message] of Object.entries(wrong)) {
      assert.throws(() => customColumnsOf(spec, true), { name: 'JsonPathError', message });
    }
    assert.throws(() => customColumnsOfFile('NAME', true), JsonPathError);
    assert.throws(() => customColumnsOfFile('NAME X\nmetadata.name', true), /headers \(2\).* \(1\) don't match/);
  });
});
