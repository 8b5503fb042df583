import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { revisionOf } from '../api/revision.ts';
import { primaryFacts, recordOf, targetFacts } from './deployment-record.ts';

const TEMPLATE = {
  metadata: { labels: { app: 'podinfo' }, annotations: { note: 'x' } },
  spec: {
    serviceAccountName: 'podinfo',
    containers: [{ name: 'podinfo', image: 'podinfo:1', ports: [{ containerPort: 9898 }] }],
  },
};
const DEPLOYMENT = {
  metadata: {
    ...{ name: 'podinfo', namespace: 'test', uid: 'u', resourceVersion: '7', generation: 3 },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', team: 'a' },
  },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'podinfo' } },
    strategy: { type: 'Recreate' },
    template: TEMPLATE,
  },
  status: { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 1, conditions: [] },
};
const stamped = (annotations: Record<string, string>) => ({
  ...DEPLOYMENT,
  metadata: { ...DEPLOYMENT.metadata, annotations },
});

const factsOf = (record: ReturnType<typeof recordOf>) => targetFacts(record, { digests: {} }, undefined);

describe('a record of a Deployment', () => {
  it('has the identity of the whole pod template, and little of it', () => {
    const record = recordOf(DEPLOYMENT);
    assert.equal(record.revision, revisionOf(TEMPLATE));
    assert.deepEqual(record.spec.template, {
      metadata: { labels: { app: 'podinfo' } },
      spec: { containers: [{ name: 'podinfo', image: 'podinfo:1', ports: [{ containerPort: 9898 }] }] },
    });
    assert.deepEqual(record.spec['strategy'], { type: 'Recreate' });
    assert.deepEqual(record.metadata.annotations, { team: 'a' });
  });

  it('is the same when it is made of itself', () => {
    const record = recordOf(DEPLOYMENT);
    assert.deepEqual(recordOf(record), record);
  });

  it('says what a target and a primary are like', () => {
    const { revision, replicas, availableReplicas, change, uid } = factsOf(recordOf(DEPLOYMENT));
    assert.deepEqual(
      { revision, replicas, availableReplicas, change, uid },
      { revision: revisionOf(TEMPLATE), replicas: 2, availableReplicas: 1, change: undefined, uid: 'u' },
    );
    assert.equal(primaryFacts(recordOf(DEPLOYMENT)).revision, undefined);
    assert.equal(primaryFacts(recordOf(stamped({ 'flagger.app/revision': 'r' }))).revision, 'r');
  });

  it('has the webhook’s stamp where it is whole', () => {
    const whole = {
      'flagger.app/revision': 'r',
      'flagger.app/changed-by': 'jane',
      'flagger.app/changed-at': '2026-01-01T00:00:00Z',
    };
    const expected = { revision: 'r', username: 'jane', changedAt: '2026-01-01T00:00:00Z' };
    assert.deepEqual(factsOf(recordOf(stamped(whole))).change, expected);
    for (const part of [{ ...whole, 'flagger.app/changed-at': 'soon' }, { 'flagger.app/revision': 'r' }]) {
      assert.equal(factsOf(recordOf(stamped(part))).change, undefined);
    }
  });

  it('has the defaults of what the API server leaves out', () => {
    const { spec: _, ...rest } = DEPLOYMENT;
    const { status: _status, ...bare } = { ...rest, spec: { selector: {}, template: {} } };
    const facts = factsOf(recordOf(bare));
    assert.deepEqual([facts.replicas, facts.observedGeneration, facts.availableReplicas], [1, 0, 0]);
  });
});
