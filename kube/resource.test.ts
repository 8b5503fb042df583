import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collectionPath, objectPath, type Resource } from './resource.ts';

const deployments: Resource = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true };
const nodes: Resource = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };

describe('collectionPath()', () => {
  it('is that of one namespace, or of all', () => {
    assert.equal(collectionPath(deployments, 'test'), '/apis/apps/v1/namespaces/test/deployments');
    assert.equal(collectionPath(deployments), '/apis/apps/v1/deployments');
    assert.equal(collectionPath(nodes), '/api/v1/nodes');
  });
});

describe('objectPath()', () => {
  it('is that of an object or of its subresource', () => {
    const podinfo = { namespace: 'test', name: 'podinfo' };
    assert.equal(objectPath(deployments, podinfo), '/apis/apps/v1/namespaces/test/deployments/podinfo');
    assert.equal(objectPath(deployments, podinfo, 'scale'), '/apis/apps/v1/namespaces/test/deployments/podinfo/scale');
    assert.equal(objectPath(nodes, { name: 'a b' }), '/api/v1/nodes/a%20b');
  });

  it('never is the path of something else', () => {
    for (const name of ['', '.', '..', 'a/b', '../secrets/x', 'a%2fb']) {
      assert.throws(() => objectPath(deployments, { namespace: 'test', name }), RangeError, name);
      assert.throws(() => objectPath(deployments, { namespace: name, name: 'podinfo' }), RangeError, name);
    }
    assert.throws(() => objectPath(deployments, { name: 'podinfo' }), /podinfo is given without one/);
  });
});
