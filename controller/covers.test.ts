import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { covers } from './covers.ts';

describe('covers()', () => {
  it('does not mind what others have added', () => {
    assert.ok(
      covers(
        { spec: { type: 'ClusterIP', ports: [{ port: 1, protocol: 'TCP' }] } },
        { spec: { ports: [{ port: 1 }] } },
      ),
    );
  });

  it('takes an empty map that is not there for there', () => {
    assert.ok(covers({}, { annotations: {}, ports: [] }));
    assert.ok(covers({}, { metadata: { labels: {} } }));
    assert.ok(covers({}, { timeout: undefined }));
    assert.ok(covers({ endpoints: null }, { endpoints: [] }));
  });

  it('minds another value, a missing field, and a list of another length or order', () => {
    const cases: readonly (readonly [unknown, unknown])[] = [
      [{ weight: 10 }, { weight: 20 }],
      [{}, { weight: 0 }],
      [{ list: [1, 2] }, { list: [1] }],
      [{ list: [2, 1] }, { list: [1, 2] }],
      [{ list: 'x' }, { list: [] }],
      [{ map: [] }, { map: {} }],
      [null, { map: { a: 1 } }],
      ['1', 1],
    ];
    for (const [existing, manifest] of cases)
      assert.ok(!covers(existing, manifest), JSON.stringify([existing, manifest]));
  });

  it('holds of anything and itself', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => assert.ok(covers(value, value))));
  });
});
