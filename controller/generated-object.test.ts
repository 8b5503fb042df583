import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../api/generated/canary.ts';
import { FINALIZER } from '../api/keys.ts';
import { generatedManifest, isAsGenerated, isAsWanted } from './generated-object.ts';
import type { GeneratedObject } from './world.ts';

const canary = { metadata: { name: 'podinfo', namespace: 'test', uid: 'canary-uid' } } as Canary;
const manifest = (spec: object) => ({ metadata: { name: 'podinfo', labels: { app: 'podinfo' } }, spec });
/** As the API server would have it after the manifest was applied. */
const applied = (spec: object, existing?: GeneratedObject) =>
  generatedManifest(canary, manifest(spec), existing) as unknown as GeneratedObject;
const usersOwn = { metadata: { name: 'podinfo', namespace: 'test', uid: 'u', resourceVersion: '1' } };

describe('a generated manifest', () => {
  it('is labelled, in the canary’s namespace and owned by it', () => {
    const { metadata } = applied({ weight: 10 });
    assert.equal(metadata.namespace, 'test');
    assert.deepEqual(metadata.labels, { app: 'podinfo', 'flagger.app/canary': 'podinfo' });
    assert.deepEqual(
      metadata.ownerReferences?.map(({ uid }) => uid),
      ['canary-uid'],
    );
  });

  it('does not own what was there before', () => {
    assert.equal(applied({ weight: 10 }, usersOwn).metadata.ownerReferences, undefined);
  });

  it('still owns what it made', () => {
    assert.equal(applied({ weight: 20 }, applied({ weight: 10 })).metadata.ownerReferences?.length, 1);
  });
});

describe('isAsGenerated()', () => {
  const isTrue = (existing: GeneratedObject | undefined, spec: object) =>
    isAsGenerated(existing, generatedManifest(canary, manifest(spec), existing));

  it('holds of what was applied, with what others have added', () => {
    const existing = applied({ weight: 10 });
    assert.ok(isTrue(existing, { weight: 10 }));
    assert.ok(isTrue({ ...existing, spec: { weight: 10, defaulted: true }, status: {} }, { weight: 10 }));
  });

  it('does not hold of what is missing, edited, or was applied with fields that are gone', () => {
    assert.ok(!isTrue(undefined, { weight: 10 }));
    assert.ok(!isTrue({ ...applied({ weight: 10 }), spec: { weight: 90 } }, { weight: 10 }));
    assert.ok(!isTrue(applied({ weight: 10, timeout: '5s' }), { weight: 10 }));
  });
});

describe('isAsWanted()', () => {
  it('looks again when something else is wanted of an object that it knows', () => {
    const existing = applied({ weight: 10 });
    const isTrue = (spec: object, of: Canary = canary, target?: { metadata: { name: string; uid: string } }) =>
      isAsWanted(of, manifest(spec), existing, target);
    assert.ok(isTrue({ weight: 10 }));
    assert.ok(isTrue({ weight: 10 }));
    assert.ok(!isTrue({ weight: 20 }));
    const held = { ...canary, metadata: { ...canary.metadata, finalizers: [FINALIZER] } };
    assert.ok(!isTrue({ weight: 10 }, held, { metadata: { name: 'podinfo', uid: 'target-uid' } }));
    assert.ok(isTrue({ weight: 10 }));
  });
});
