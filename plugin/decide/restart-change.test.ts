import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanaryStatus } from '../../api/generated/canary.ts';
import { revisionOf } from '../../api/revision.ts';
import type { PodTemplate, Target } from '../cluster/target.ts';
import { restartChange, restartUnderWay } from './restart-change.ts';

const FIRST: PodTemplate = { metadata: { labels: {} }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
const AT = new Date('2026-01-01T12:00:00.500Z');
const target = (template: PodTemplate): Target => ({
  metadata: { name: 'podinfo', uid: 'u', resourceVersion: '1', generation: 1 },
  spec: { template },
});
const kept = (template: PodTemplate) => [
  { ordinal: 1, revision: revisionOf(template), createdAt: '', of: 'target' as const, template },
];
const underWay = (template: PodTemplate, status: CanaryStatus, promoted = FIRST) =>
  restartUnderWay(target(template), { lastPromotedSpec: revisionOf(promoted), ...status }, kept(promoted));

describe('restart', () => {
  const { template: restarted, patch } = restartChange(target(FIRST), AT, undefined);

  it('writes the time, as kubectl does', () => {
    const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T12:00:00Z' };
    assert.deepEqual(patch.body, { metadata: { uid: 'u' }, spec: { template: { metadata: { annotations } } } });
    assert.deepEqual(restarted, { ...FIRST, metadata: { labels: {}, annotations } });
  });

  it('is under way before the controller has seen it, and until it is promoted', () => {
    assert.equal(
      underWay(restarted, { phase: 'Succeeded', lastAppliedSpec: revisionOf(FIRST) }),
      '2026-01-01T12:00:00Z',
    );
    assert.equal(
      underWay(restarted, { phase: 'Progressing', lastAppliedSpec: revisionOf(restarted) }),
      '2026-01-01T12:00:00Z',
    );
    assert.equal(
      underWay(restarted, { phase: 'Succeeded', lastAppliedSpec: revisionOf(restarted) }, restarted),
      undefined,
    );
  });

  it('is not under way when it has failed, or something else is released', () => {
    assert.equal(underWay(FIRST, { phase: 'Succeeded' }), undefined);
    assert.equal(underWay(restarted, { phase: 'Failed', lastAppliedSpec: revisionOf(restarted) }), undefined);
    const other = { ...restarted, spec: { containers: [{ name: 'web', image: 'web:2' }] } };
    assert.equal(underWay(other, { phase: 'Progressing', lastAppliedSpec: revisionOf(other) }), undefined);
  });
});
