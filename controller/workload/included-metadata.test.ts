import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { includedMetadata, withoutUnmanaged } from './included-metadata.ts';

const METADATA = {
  labels: { 'team.io/name': 'a', app: 'x', 'kustomize.toolkit.fluxcd.io/name': 'apps' },
  annotations: {
    'team.io/pager': 'b',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    'deployment.kubernetes.io/revision': '3',
    'flagger.app/changed-by': 'jane',
  },
};

describe('includedMetadata()', () => {
  it('has what begins with one of the prefixes', () => {
    assert.deepEqual(includedMetadata(METADATA, { includeLabelPrefixes: ['other/', 'team.io/'] }), {
      labels: { 'team.io/name': 'a' },
      annotations: { 'team.io/pager': 'b' },
    });
    assert.deepEqual(includedMetadata(METADATA, { includeLabelPrefixes: [] }), { labels: {}, annotations: {} });
    assert.deepEqual(includedMetadata({}, { includeLabelPrefixes: ['*'] }), { labels: {}, annotations: {} });
  });

  it('has with * all that is not about the target alone', () => {
    const expected = { labels: { 'team.io/name': 'a', app: 'x' }, annotations: { 'team.io/pager': 'b' } };
    assert.deepEqual(includedMetadata(METADATA, { includeLabelPrefixes: ['*'] }), expected);
    const prefixes = ['flagger.app/', 'kustomize.toolkit.fluxcd.io', 'kubectl', 'deployment'];
    assert.deepEqual(includedMetadata(METADATA, { includeLabelPrefixes: prefixes }), { labels: {}, annotations: {} });
  });
});

describe('withoutUnmanaged()', () => {
  it("leaves out the keys that are somebody else's", () => {
    const metadata = { labels: { a: '1', b: '2' }, annotations: { a: '1', b: '2' } };
    assert.deepEqual(withoutUnmanaged(metadata, { labels: ['a'], annotations: ['b'] }), {
      labels: { b: '2' },
      annotations: { a: '1' },
    });
    assert.deepEqual(withoutUnmanaged(metadata, undefined), metadata);
  });
});
