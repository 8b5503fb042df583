import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../api/generated/canary.ts';
import { FINALIZER } from '../api/keys.ts';
import { isMadeFor, outlivesCanary, ownersOf } from './owners.ts';

const target = { metadata: { name: 'podinfo', uid: 'target' } };
const canary = (finalizers: readonly string[] = []) =>
  ({ metadata: { name: 'podinfo', namespace: 'test', uid: 'canary', finalizers } }) as unknown as Canary;
const owned = (...uids: readonly string[]) => ({ metadata: { ownerReferences: uids.map((uid) => ({ uid })) } });

describe('what is made for a canary', () => {
  it('is its own until it is held, and then its target’s too', () => {
    const uids = (of: Canary) => ownersOf(of, target).map(({ uid }) => uid);
    assert.deepEqual(uids(canary()), ['canary']);
    assert.deepEqual(uids(canary([FINALIZER])), ['canary', 'target']);
    assert.deepEqual(
      ownersOf(canary([FINALIZER]), undefined).map(({ uid }) => uid),
      ['canary'],
    );
  });

  it('is known by either, and what was there before by neither', () => {
    for (const uid of ['canary', 'target']) assert.ok(isMadeFor(owned(uid), canary(), target), uid);
    assert.ok(!isMadeFor(owned('somebody'), canary(), target));
    assert.ok(!isMadeFor({ metadata: {} }, canary(), target));
  });

  it('outlives it where somebody else has it as well', () => {
    const outlives = (primary: ReturnType<typeof owned> | undefined, of: typeof target | undefined = target) =>
      outlivesCanary({ canary: canary(), target: of, primary });
    assert.equal(outlives(owned('canary')), false);
    assert.equal(outlives(owned('canary', 'target of before')), false);
    assert.equal(outlives(owned('canary', 'target')), true);
    assert.equal(outlives(owned()), true);
    assert.equal(outlives(undefined), true);
  });
});
