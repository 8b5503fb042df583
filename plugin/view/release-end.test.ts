import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CanaryStatus } from '../../api/generated/canary.ts';
import { revisionOf } from '../../api/revision.ts';
import { pretendCanary } from './pretend-releases.ts';
import { releaseEnd } from './release-end.ts';

const OLD = revisionOf('old');
const NEW = revisionOf('new');

function ended(status: CanaryStatus, templateRevision?: string) {
  const canary = pretendCanary({ status: { observedGeneration: 1, lastAppliedSpec: OLD, ...status } });
  const target = { role: 'target', kind: 'Deployment', name: 'podinfo', images: {} } as const;
  const workloads = [{ ...target, ...(templateRevision !== undefined && { templateRevision }) }];
  return releaseEnd({ canary, workloads, events: [], unread: [] });
}

describe('the end of a release', () => {
  it('is how the status says it ended', () => {
    assert.equal(ended({ phase: 'Succeeded', history: [{ revision: OLD, result: 'Succeeded' }] }), 'promoted');
    assert.equal(ended({ phase: 'Succeeded', history: [{ revision: OLD, result: 'Reverted' }] }), 'reverted');
    assert.equal(ended({ phase: 'Failed' }), 'failed');
    assert.equal(ended({ phase: 'Initialized' }), 'promoted');
  });

  it('has not come while one is under way', () => {
    for (const phase of ['Waiting', 'Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'] as const) {
      assert.equal(ended({ phase }), undefined, phase);
    }
  });

  it('has not come where the target was changed and the controller has not said so yet', () => {
    assert.equal(ended({ phase: 'Succeeded' }, OLD), 'promoted');
    assert.equal(ended({ phase: 'Succeeded' }, NEW), undefined);
    assert.equal(ended({ phase: 'Failed' }, NEW), undefined);
  });

  it('has not come where the status is about a spec from before', () => {
    assert.equal(ended({ phase: 'Succeeded', observedGeneration: 0 }), undefined);
  });

  it('is told by the status alone where Flagger has written the revision', () => {
    assert.equal(ended({ phase: 'Succeeded', lastAppliedSpec: '7f4d9c6b5' }, NEW), 'promoted');
  });
});
