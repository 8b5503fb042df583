import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { configuredRevision, isOfTemplate, isRevision, revisionOf } from './revision.ts';

const TEMPLATE = { metadata: { labels: { app: 'podinfo' } }, spec: { containers: [{ name: 'a', image: 'b:1' }] } };

describe('revisionOf()', () => {
  it('is the SHA-256 of canonical JSON, the same for ever', () => {
    // printf '{"a":{"d":true},"b":[1,"x"]}' | sha256sum
    const expected = 'f841cccd99940ac4b13e0de3407efdd522aefb3fba4b45f8e1cca7f429674137';
    assert.equal(revisionOf({ b: [1, 'x'], a: { d: true, c: null } }), expected);
  });

  it('does not look at the order of fields, nor at fields that are null', () => {
    const other = {
      spec: { containers: [{ image: 'b:1', name: 'a', env: null }] },
      metadata: { creationTimestamp: null, labels: { app: 'podinfo' } },
    };
    assert.equal(revisionOf(other), revisionOf(TEMPLATE));
  });

  it('is another for any other value, and for another order of a list', () => {
    const json = fc.jsonValue();
    fc.assert(
      fc.property(json, json, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        fc.pre(!JSON.stringify([one, other]).includes('null') && !JSON.stringify([one, other]).includes('__proto__'));
        if (isSame) assert.equal(revisionOf(one), revisionOf(other));
        else if (typeof one !== 'object' || typeof other !== 'object')
          assert.notEqual(revisionOf(one), revisionOf(other));
      }),
    );
    assert.notEqual(revisionOf([1, 2]), revisionOf([2, 1]));
    assert.notEqual(
      revisionOf({ ...TEMPLATE, spec: { containers: [{ name: 'a', image: 'b:2' }] } }),
      revisionOf(TEMPLATE),
    );
  });
});

describe('configuredRevision()', () => {
  const [one, other] = [revisionOf(TEMPLATE), revisionOf({})];
  const [A, B] = [{ 'configmap/env': one }, { 'configmap/env': other }];

  it('is the template’s own without configuration, and with it another for other contents, names and templates', () => {
    assert.equal(configuredRevision(one, {}), one);
    const all = [one, configuredRevision(one, A), configuredRevision(one, B), configuredRevision(other, A)];
    all.push(configuredRevision(one, { 'secret/env': one }), configuredRevision(one, { ...A, 'secret/env': one }));
    assert.equal(new Set(all).size, all.length);
    assert.ok(all.every((each) => isRevision(each)));
    assert.equal(configuredRevision(one, { b: '2', a: '1' }), configuredRevision(one, { a: '1', b: '2' }));
  });

  it('tells of which template it is', () => {
    for (const configs of [{}, A, B]) {
      assert.ok(isOfTemplate(configuredRevision(one, configs), one));
      assert.ok(!isOfTemplate(configuredRevision(other, configs), one));
    }
    assert.ok(!isOfTemplate('unknown', one));
  });
});

describe('isRevision()', () => {
  it('tells ours from Flagger’s and from nothing', () => {
    assert.ok(isRevision(revisionOf(TEMPLATE)));
    for (const other of [undefined, '', '5978589476', 'ABCDEF']) assert.ok(!isRevision(other));
  });
});
