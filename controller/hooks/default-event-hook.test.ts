import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../../api/generated/canary.ts';
import { withEventHook } from './default-event-hook.ts';
import { canaryWith } from './hook-fixture.ts';

const URL = 'http://events.test/s3cret';
const hooksOf = ({ spec }: Canary) =>
  (spec.analysis?.webhooks ?? []).map(({ name, type, url }) => `${name} ${type} ${url}`);

describe('withEventHook()', () => {
  it('adds the controller’s hook to a canary that has none for events', () => {
    const own = { name: 'gate', type: 'confirm-rollout', url: 'http://gate.test' };
    const events = `event-webhook event ${URL}`;
    assert.deepEqual(hooksOf(withEventHook(canaryWith([own]), URL)), ['gate confirm-rollout http://gate.test', events]);
    const first = { spec: { canaryAnalysis: { threshold: 1, stepWeight: 10 } } } as unknown as Canary;
    assert.deepEqual(hooksOf(withEventHook(first, URL)), [events]);
  });

  it('leaves alone a canary that has its own, and all where there is none to add', () => {
    const own = canaryWith([{ name: 'chat', type: 'event', url: 'http://chat.test' }]);
    assert.equal(withEventHook(own, URL), own);
    const none = canaryWith([]);
    assert.equal(withEventHook(none, undefined), none);
  });
});
