import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mergePatch } from './merge-patch.ts';

/** RFC 7396, section 2, as it is written there. */
function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isObject ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = applyMergePatch(result[name], value);
  }
  return result;
}

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(0, 1, '', 'a', true, false),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__x'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

describe('mergePatch()', () => {
  it('leads from any value to any other', () => {
    fc.assert(
      fc.property(value, value, (from, to) => {
        const patch = mergePatch(from, to);
        assert.deepEqual(patch === undefined ? from : applyMergePatch(from, patch), to);
      }),
    );
  });

  it('is undefined for what is equal, whatever the order of the fields', () => {
    fc.assert(fc.property(value, (each) => assert.equal(mergePatch(each, structuredClone(each)), undefined)));
    assert.equal(mergePatch({ list: [{ a: 1, b: 2 }] }, { list: [{ b: 2, a: 1 }] }), undefined);
  });

  it('names only what changes, and null for what goes', () => {
    assert.deepEqual(mergePatch({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2, d: 4 } }), { a: null, b: { d: 4 } });
  });

  it('takes an undefined field for one that is not there', () => {
    assert.equal(mergePatch({ a: 1 }, { a: 1, b: undefined }), undefined);
    assert.deepEqual(mergePatch({ a: 1, b: 2 }, { a: 1, b: undefined }), { b: null });
    assert.equal(mergePatch({ list: [{ a: 1 }] }, { list: [{ a: 1, b: undefined }] }), undefined);
    assert.deepEqual(mergePatch(undefined, {}), {});
  });
});
