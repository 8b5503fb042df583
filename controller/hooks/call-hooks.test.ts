import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { settled } from '../../kube/stepping-clock.ts';
import { startLoopbackServer } from '../../kube/transport/loopback-server.ts';
import { type HttpAnswer, HttpCallError } from '../http-call.ts';
import type { HookDeps } from './call-hook.ts';
import { callHooks } from './call-hooks.ts';
import { canaryWith, depsWith } from './hook-fixture.ts';

const OK: HttpAnswer = { status: 200, headers: {}, body: '' };
const checkedAt = '2026-11-21T10:00:00.000Z';

describe('callHooks()', () => {
  it('calls the hooks of a type, and gives their checks in order', async (t) => {
    const server = await startLoopbackServer(
      ({ url }, response) => response.writeHead(url === '/b' ? 403 : 200).end('not yet'),
      { scheme: 'http' },
    );
    t.after(() => server.close());
    const canary = canaryWith([
      { name: 'a', type: 'pre-rollout', url: `${server.url}/a` },
      { name: 'other', type: 'post-rollout', url: `${server.url}/other` },
      { name: 'b', type: 'pre-rollout', url: `${server.url}/b` },
    ]);
    assert.deepEqual(await callHooks(canary, 'pre-rollout', depsWith()), [
      { kind: 'Webhook', name: 'a', verdict: 'Pass', checkedAt },
      { kind: 'Webhook', name: 'b', verdict: 'Fail', message: `${server.url} answered 403: not yet`, checkedAt },
    ]);
    assert.deepEqual(server.requests.map(({ url }) => url).toSorted(), ['/a', '/b']);
  });

  it('takes a hook without a type for one of the rollout', async () => {
    const url = 'http://gate.test';
    const canary = canaryWith([
      { name: 'a', url },
      { name: 'b', type: '', url },
      { name: 'c', type: 'rollout', url },
      { name: 'd', type: 'rollback', url },
    ]);
    for (const type of ['', 'rollout'] as const) {
      const checks = await callHooks(canary, type, depsWith({ call: () => Promise.resolve(OK) }));
      assert.equal(checks.map(({ name }) => name).join(''), 'abc');
    }
  });

  it('leaves out gates that a person opens, and no other hook that lacks its URL', async () => {
    const types = ['confirm-rollout', 'confirm-traffic-increase', 'confirm-promotion', 'pre-rollout'] as const;
    for (const type of types) {
      const canary = canaryWith([
        { name: 'person', type },
        { name: 'server', type, url: 'http://gate.test' },
      ]);
      const checks = await callHooks(canary, type, depsWith({ call: () => Promise.resolve(OK) }));
      assert.deepEqual(
        checks.map(({ name, verdict }) => `${name} ${verdict}`),
        type === 'pre-rollout' ? ['person Error', 'server Pass'] : ['server Pass'],
      );
    }
  });

  it('is nothing without hooks', async () => {
    assert.deepEqual(await callHooks(canaryWith([]), 'rollout', depsWith()), []);
  });

  it('calls eight at a time', async () => {
    let running = 0;
    let most = 0;
    const call = async (): Promise<HttpAnswer> => {
      most = Math.max(most, ++running);
      await settled();
      running--;
      return OK;
    };
    const hooks = Array.from({ length: 30 }, (_, index) => ({ name: `h${index}`, url: 'http://gate.test' }));
    const checks = await callHooks(canaryWith(hooks), 'rollout', depsWith({ call }));
    assert.deepEqual(
      checks.map(({ name }) => name),
      hooks.map(({ name }) => name),
    );
    assert.equal(most, 8);
  });

  it('reads the layout of 2018', async () => {
    const firstLayout = canaryWith([]);
    const { analysis: _, ...spec } = firstLayout.spec;
    const webhooks = [{ name: 'load', url: 'http://gate.test', timeout: '5s' }];
    const canaryAnalysis = { interval: '1m', threshold: 1, stepWeight: 10, webhooks };
    const canary = { ...firstLayout, spec: { ...spec, canaryAnalysis } } as unknown as typeof firstLayout;
    const call: HookDeps['call'] = (_request, { deadlineMs }) => {
      assert.equal(deadlineMs, 5000);
      return Promise.resolve(OK);
    };
    const checks = await callHooks(canary, 'rollout', depsWith({ call }));
    assert.deepEqual(checks, [{ kind: 'Webhook', name: 'load', verdict: 'Pass', checkedAt }]);
  });

  it('has no message that the status has no room for', async () => {
    const url = `http://${'gate.'.repeat(300)}test`;
    const call: HookDeps['call'] = () => Promise.resolve({ ...OK, status: 403, body: 'x'.repeat(5000) });
    const [check] = await callHooks(canaryWith([{ name: 'a', url }]), 'rollout', depsWith({ call }));
    assert.equal(check?.message?.length, 1024);
  });

  it('throws when it is broken off, as no check says anything then, and leaves no listener', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const call: HookDeps['call'] = (_request, limits) =>
      new Promise((_resolve, reject) => {
        const stop = (): void => reject(new HttpCallError('Aborted', 'the lease is lost'));
        limits.signal.addEventListener('abort', stop, { once: true });
      });
    const hooks = Array.from({ length: 12 }, (_, index) => ({ name: `h${index}`, url: 'http://gate.test' }));
    const reason = new Error('the lease is lost');
    const all = assert.rejects(
      callHooks(canaryWith(hooks), 'rollout', depsWith({ call, signal })),
      (error) => error === reason,
    );
    await settled();
    controller.abort(reason);
    await all;
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});
