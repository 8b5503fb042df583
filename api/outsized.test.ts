import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { schemas } from './generated/schemas.ts';
import { outsized } from './outsized.ts';
import type { SchemaNode } from './schema-node.ts';
import { validate } from './validate.ts';

const schema: SchemaNode = {
  type: 'object',
  properties: {
    word: { type: 'string', maxLength: 3, pattern: '^a+$' },
    list: { type: 'array', maxItems: 2, items: { type: 'string', maxLength: 3 } },
    map: { type: 'object', maxProperties: 2, additionalProperties: { type: 'string', maxLength: 3 } },
    choice: { type: 'string', enum: ['a', 'b'] },
  },
};

describe('outsized()', () => {
  it('tells what is longer or has more than its schema allows, and nothing below that', () => {
    const object = {
      word: 'aaaa',
      list: ['aaaa', 'aaaa', 'aaaa'],
      map: { 'a/b': 'aaaa', c: 'aaa' },
      choice: 'c'.repeat(200),
    };
    assert.deepEqual(outsized(object, schema), [
      { path: 'word', message: 'write at most 3 characters' },
      { path: 'list', message: 'write at most 2 of them' },
      { path: 'map.a/b', message: 'write at most 3 characters' },
      { path: 'choice', message: 'write at most 128 characters' },
    ]);
    assert.deepEqual(outsized({ map: { a: '', b: '', c: '' } }, schema), [
      { path: 'map', message: 'write at most 2 of them' },
    ]);
    assert.deepEqual(outsized({ word: '\u{1f680}'.repeat(3), list: [], unknown: 'x'.repeat(1000) }, schema), []);
    for (const value of [undefined, null, 7, 'x', [], { word: null, list: {}, map: [] }])
      assert.deepEqual(outsized(value, schema), []);
  });

  it('bounds names, and how many of them nobody knows', () => {
    const [long] = outsized({ map: { ['k'.repeat(1000)]: '' } }, schema);
    assert.equal(long?.path, 'map');
    assert.ok(long.message.length < 120);
    const unknown = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, 1]));
    assert.deepEqual(outsized(unknown, schema), [{ path: '', message: 'write at most 104 of them' }]);
  });
});

describe('an object with a megabyte in every field', () => {
  it('is refused in milliseconds, and no pattern meets the text', () => {
    const start = performance.now();
    const text = '1'.repeat(2 ** 20);
    const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: text };
    const service = { port: 80, timeout: text, targetPort: text, [text]: text };
    const wrong = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', spec: { provider: text, targetRef, service } };
    const findings = validate('Canary', wrong);
    assert.ok(findings.length >= 4);
    assert.ok(findings.every(({ path, message }) => path.length < 600 && message.length < 600));
    assert.ok(performance.now() - start < 2000);
  });

  it('cannot be: each pattern of a definition stands beside the longest text that it meets', () => {
    const bare: string[] = [];
    (function look(node: SchemaNode, path: string): void {
      if (node.pattern !== undefined && node.maxLength === undefined) bare.push(path);
      for (const [name, below] of Object.entries(node.properties ?? {})) look(below, `${path}.${name}`);
      if (node.items !== undefined) look(node.items, `${path}[]`);
      if (node.additionalProperties !== undefined) look(node.additionalProperties, `${path}{}`);
    })({ properties: schemas }, '');
    assert.deepEqual(bare, []);
  });
});
