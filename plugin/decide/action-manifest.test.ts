import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary, CanaryStatus } from '../../api/generated/canary.ts';
import { actionManifest } from './action-manifest.ts';
import { whyNotMeant } from './not-meant.ts';
import { askedPromotion, type PromotionFlags, promotionText } from './promotion.ts';

const REVISION = 'b'.repeat(64);
const canary = (status: CanaryStatus, name = 'podinfo') =>
  ({
    metadata: { name, namespace: 'test' },
    spec: { analysis: { interval: '1m', stepWeights: [10, 20, 50] } },
    status,
  }) as unknown as Canary;
const made = (of: Canary, options: { revision?: string; reason?: string } = {}) =>
  actionManifest(of, { action: 'pause' }, { suffix: 'x7k2p9', ...options });

describe('actionManifest()', () => {
  it('is about the revision that was seen, or the one that is named', () => {
    const { metadata, spec } = made(canary({ lastAppliedSpec: REVISION }), { reason: 'lunch' });
    assert.deepEqual(metadata, { name: 'podinfo-pause-x7k2p9', namespace: 'test' });
    assert.deepEqual(spec, { canary: 'podinfo', revision: REVISION, action: 'pause', reason: 'lunch' });
    assert.equal(made(canary({ lastAppliedSpec: REVISION }), { revision: 'cccccccccc' }).spec.revision, 'cccccccccc');
    assert.throws(() => made(canary({})), /is being initialized, nothing is released yet/);
  });

  it('has a name that the API server takes, however long the canary’s is', () => {
    const { name } = made(canary({ lastAppliedSpec: REVISION }, `${'a'.repeat(239)}.bcdefghijklmn`)).metadata;
    assert.equal(name, `${'a'.repeat(239)}-pause-x7k2p9`);
    assert.ok(name.length <= 253);
  });
});

describe('a promotion', () => {
  const NONE: PromotionFlags = { full: false };
  const at = (step: number, desiredWeight: number) => canary({ step, desiredWeight });

  it('goes on from the step that was seen, unless it says which step it wants', () => {
    assert.deepEqual(askedPromotion(NONE, at(1, 10)), { fromStep: 1 });
    assert.deepEqual(askedPromotion(NONE, canary({})), { fromStep: 0 });
    assert.deepEqual(askedPromotion({ full: false, toStep: 3 }, at(1, 10)), { toStep: 3 });
    assert.deepEqual(askedPromotion({ full: true }, at(1, 10)), { full: true });
    assert.deepEqual(askedPromotion({ full: true, expectStep: 2 }, at(1, 10)), { full: true, fromStep: 2 });
  });

  it('says how far it goes', () => {
    assert.equal(promotionText(NONE, at(1, 10)), 'step 1 -> 2');
    assert.equal(promotionText(NONE, at(3, 50)), 'step 3 -> promotion');
    assert.equal(promotionText({ full: false, toStep: 3 }, at(1, 10)), 'step 1 -> 3');
    assert.equal(promotionText({ full: true }, at(1, 10)), 'step 1 -> promotion');
    const odd = { ...at(1, 10), spec: {} } as Canary;
    assert.equal(promotionText(NONE, odd), undefined);
  });
});

describe('whyNotMeant()', () => {
  it('leaves out of many those that a decision is not about', () => {
    const meant = (action: Parameters<typeof whyNotMeant>[0], status: CanaryStatus) =>
      whyNotMeant(action, status) ?? 'meant';
    const paused = { at: '' };
    assert.equal(meant('pause', { phase: 'Progressing' }), 'meant');
    assert.equal(meant('pause', { phase: 'Progressing', paused }), 'it is paused already');
    assert.equal(meant('resume', { phase: 'Waiting', paused }), 'meant');
    assert.equal(meant('resume', { phase: 'Waiting' }), 'it is not paused');
    assert.equal(meant('abort', { phase: 'Promoting' }), 'meant');
    assert.equal(meant('abort', { phase: 'Succeeded' }), 'no release is under way');
    assert.equal(meant('retry', { phase: 'Failed' }), 'meant');
    assert.equal(meant('retry', { phase: 'Progressing' }), 'its last release has not failed');
    assert.equal(whyNotMeant('approve', undefined), 'no release is under way');
  });
});
