// Gates that whoever changed the target does not open. In pretend releases jane asks unless another is named.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { A, atRest, B, C, check, type PretendRelease } from '../pretend-release.ts';
import type { RequestedAction } from '../requested-action.ts';

const GATE = { name: 'out', type: 'confirm-promotion', timeout: '10s', approvers: 'notAuthor' } as const;

/** A release of B that jane has begun, unless it was another or nobody knows who. */
function begun(by: string | undefined = 'jane', seconds = 45): PretendRelease {
  const release = atRest({ analysis: { stepWeights: [10, 50], webhooks: [GATE] } });
  release.land(B, by === '' ? undefined : by);
  return release.run(seconds);
}

function asked(release: PretendRelease, action: RequestedAction['action'], more: Partial<RequestedAction>): string {
  const uid = release.ask(action, more);
  release.run(1);
  const answer = release.answered.get(uid);
  return `${answer?.result}: ${answer?.message}`;
}

const approved = (release: PretendRelease, requestedBy: string) => asked(release, 'approve', { requestedBy });
const inFull = (release: PretendRelease, requestedBy: string) => asked(release, 'promote', { full: true, requestedBy });

describe('a gate that is not for the author', () => {
  it('says so, is closed to whoever changed the target, and opens for somebody else', () => {
    const release = begun();
    assert.match(release.status.waitingFor?.message ?? '', /by somebody else than whoever changed the target$/);
    assert.equal(
      approved(release, 'jane'),
      'Rejected: gate out is for somebody else than whoever changed the target: jane changed it, so ask somebody else',
    );
    assert.equal(release.status.phase, 'WaitingPromotion');
    assert.match(approved(release, 'joe'), /^Done: gate out is open/);
    assert.equal(release.run(60).status.phase, 'Succeeded');
  });

  it('is not promoted past by its author, and is by somebody else', () => {
    const release = begun();
    assert.match(inFull(release, 'jane'), /^Rejected: gate out is for somebody else/);
    assert.match(inFull(release, 'joe'), /^Done: revision/);
  });

  it('once somebody else has opened it, holds nobody up', () => {
    const release = begun('jane', 5);
    assert.match(asked(release, 'approve', { gate: 'out', requestedBy: 'joe' }), /^Done/);
    assert.match(inFull(release, 'jane'), /^Done: revision/);
  });

  it('may be rejected by its author', () => {
    assert.match(asked(begun(), 'reject', { requestedBy: 'jane' }), /^Done: gate out is rejected/);
  });

  it('stays closed while it is not known who changed the target, and says what to do', () => {
    const release = begun('');
    for (const answer of [approved(release, 'joe'), inFull(release, 'joe')])
      assert.match(answer, /^Rejected: .*who did is not known.*kubectl canary restart podinfo/);
    release.land(C, 'jane');
    release.run(45);
    assert.match(approved(release, 'jane'), /^Rejected: .*jane changed it/);
    assert.match(approved(release, 'joe'), /^Done/);
  });

  it('takes a stamp that is older than the last one seen for nobody’s', () => {
    const release = begun('jane', 5);
    // Brought back: the last stamp that was seen is that of a change which released nothing.
    release.land(A, 'jane');
    release.run(60);
    const { changedAt: latest = '' } = release.status.target ?? {};
    assert.equal(latest, release.change?.changedAt);
    release.land(B, 'joe');
    const older = new Date(Date.parse(latest) - 1000).toISOString().replace(/\.\d+/, '');
    release.change = { ...release.change!, changedAt: older };
    release.run(60);
    assert.equal(release.status.phase, 'WaitingPromotion');
    assert.equal(release.status.triggeredBy, undefined);
    assert.match(approved(release, 'ann'), /^Rejected: .*who did is not known/);
  });

  it('stays closed to an action that nobody is known to have asked for', () => {
    const release = begun();
    const uid = release.ask('approve', { requestedBy: undefined } as unknown as Partial<RequestedAction>);
    release.run(1);
    assert.match(release.answered.get(uid)?.message ?? '', /who asks is not known: write spec\.requestedBy/);
  });

  it('is closed to the author of a release that another has retried, and of one that another went on with', () => {
    const retried = begun('jane', 5);
    asked(retried, 'abort', { requestedBy: 'joe' });
    retried.run(30);
    assert.match(asked(retried, 'retry', { requestedBy: 'joe' }), /^Done: it begins again/);
    retried.run(45);
    for (const by of ['jane', 'joe']) assert.match(approved(retried, by), new RegExp(`^Rejected: .*${by} changed it`));
    assert.match(approved(retried, 'ann'), /^Done/);

    const goneOnWith = begun();
    goneOnWith.land(C, 'joe');
    goneOnWith.run(45);
    for (const by of ['jane', 'joe']) assert.match(approved(goneOnWith, by), /^Rejected/);
    assert.match(approved(goneOnWith, 'ann'), /^Done/);
  });

  it('stays closed where somebody has retried what nobody knows the author of', () => {
    const release = begun('', 5);
    asked(release, 'abort', { requestedBy: 'joe' });
    release.run(30);
    asked(release, 'retry', { requestedBy: 'joe' });
    release.run(45);
    assert.match(approved(release, 'ann'), /^Rejected: .*who did is not known/);
  });

  it('is open to the author of a change that was promoted before', () => {
    const release = begun();
    approved(release, 'joe');
    assert.equal(release.run(60).status.phase, 'Succeeded');
    release.land(C, 'joe');
    release.run(45);
    assert.match(approved(release, 'joe'), /^Rejected/);
    assert.match(approved(release, 'jane'), /^Done/);
  });

  it('counts a check that failed before for what it is: a run of the same change', () => {
    const release = begun('jane', 0);
    release.metrics = () => [check('errors', 'Fail')];
    release.run(60);
    assert.equal(release.status.phase, 'Failed');
    release.metrics = () => [];
    release.land(C, 'joe');
    release.run(60);
    assert.match(approved(release, 'jane'), /^Rejected: .*jane changed it/);
  });
});
