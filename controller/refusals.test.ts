import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../api/generated/canary.ts';
import { FINALIZER } from '../api/keys.ts';
import { refusalsOf } from './refusals.ts';
import { contour } from './router/contour.ts';
import { routed } from './router/routed-fixture.ts';

const canary = (name: string, metadata: Partial<Canary['metadata']> = {}): Canary => {
  const whole = routed().canary;
  const analysis = { interval: '10s', threshold: 1, stepWeight: 10 };
  const spec = { ...whole.spec, analysis } as Canary['spec'];
  return { ...whole, spec, metadata: { ...whole.metadata, name, uid: name, ...metadata } };
};
const reasonsOf = (...others: readonly Canary[]) =>
  refusalsOf(canary('new', { creationTimestamp: '2026-01-02T00:00:00Z' }), 'contour', contour, others).map(
    ({ reason }) => reason,
  );

describe('a canary of a target that', () => {
  const deletionTimestamp = '2026-01-02T00:00:00Z';

  it('an older one has is refused', () => assert.deepEqual(reasonsOf(canary('old')), ['OwnedByAnother']));

  it('an older one is giving back waits until it has', () => {
    assert.deepEqual(reasonsOf(canary('old', { deletionTimestamp, finalizers: [FINALIZER] })), ['OwnedByAnother']);
    assert.deepEqual(reasonsOf(canary('old', { deletionTimestamp, finalizers: ['somebody.else/s'] })), []);
  });

  it('nobody else has is not', () => assert.deepEqual(reasonsOf(), []));
});
