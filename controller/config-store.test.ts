import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../kube/clock.ts';
import { KubeError } from '../kube/errors.ts';
import { silentLog } from '../kube/log.ts';
import type { KubeRequest, Transport, WatchRequest } from '../kube/transport/transport.ts';
import { startConfigStore } from './config-store.ts';
import { configDigest } from './workload/config-object.ts';
import type { ConfigReference } from './workload/config-references.ts';

interface Fake {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

const object = (name: string, version: number, more: Partial<Fake> = {}, annotations = {}): Fake => ({
  metadata: { name, namespace: 'test', uid: name, resourceVersion: String(version), annotations },
  data: { key: String(version) },
  ...more,
});
const ENV: ConfigReference = { kind: 'ConfigMap', name: 'env', optional: false };
const LOGIN: ConfigReference = { kind: 'Secret', name: 'login', optional: false };

/** An API server with these objects, and a store that follows them. */
async function following(t: TestContext, objects: Readonly<Record<'configmaps' | 'secrets', Fake[]>>) {
  const asked: string[] = [];
  const accepted = new Set<string | undefined>();
  let failure: Error | undefined;
  const tell = new Map<string, (object: Fake) => void>();
  const transport = {
    async request({ path, accept }: KubeRequest) {
      const [, plural = '', name] = /\/(configmaps|secrets)(?:\/(.*))?$/.exec(path) ?? [];
      const all = objects[plural as 'secrets'];
      if (name === undefined) {
        accepted.add(accept);
        return { metadata: { resourceVersion: '1' }, items: all.map(({ metadata }) => ({ metadata })) };
      }
      asked.push(`${plural}/${name}`);
      if (failure !== undefined) throw failure;
      const found = all.find(({ metadata }) => metadata.name === name);
      if (found === undefined) throw new KubeError({ status: 404, reason: 'NotFound', message: 'gone' });
      return found;
    },
    async *watch({ path, accept, signal }: WatchRequest) {
      accepted.add(accept);
      for (;;) {
        const told = await new Promise<Fake | undefined>((resolve) => {
          tell.set(path, resolve);
          signal.addEventListener('abort', () => resolve(undefined), { once: true });
        });
        if (told === undefined) return;
        yield { type: 'MODIFIED', object: { metadata: told.metadata } };
      }
    },
  } as unknown as Transport;
  const stop = new AbortController();
  t.after(() => stop.abort());
  const changes: string[] = [];
  const metrics = { reflector: () => ({ listed() {}, watchEnded() {}, heard() {} }) };
  const store = startConfigStore({
    ...{ transport, clock: systemClock, log: silentLog, signal: stop.signal, metrics, namespace: undefined },
    onChange: (kind, key) => changes.push(`${kind} ${key}`),
  });
  await store.synced;
  return {
    ...{ store, asked, accepted, changes },
    fail: (error: Error | undefined) => {
      failure = error;
    },
    change: async (plural: 'configmaps' | 'secrets', changed: Fake) => {
      objects[plural].splice(0, 1, changed);
      while (!tell.has(`/api/v1/${plural}`)) await new Promise(setImmediate);
      tell.get(`/api/v1/${plural}`)?.(changed);
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    },
  };
}

describe('the ConfigMaps and Secrets that targets use', () => {
  it('are followed by their metadata alone, and read once a version', async (t) => {
    const [env, login] = [object('env', 1), object('login', 1, { type: 'Opaque' })];
    const { store, asked, accepted, changes, change } = await following(t, { configmaps: [env], secrets: [login] });
    const first = await store.read('test', [ENV, LOGIN]);
    assert.deepEqual(first, {
      digests: { 'configmap/env': configDigest('ConfigMap', env), 'secret/login': configDigest('Secret', login) },
    });
    assert.deepEqual(await store.read('test', [ENV, LOGIN]), first);
    assert.deepEqual(asked, ['configmaps/env', 'secrets/login']);
    assert.ok([...accepted].every((accept) => accept?.includes('as=PartialObjectMetadata') === true));
    changes.length = 0;
    await change('configmaps', object('env', 2));
    assert.deepEqual(changes, ['ConfigMap test/env']);
    const second = await store.read('test', [ENV, LOGIN]);
    assert.notEqual(second.digests['configmap/env'], first.digests['configmap/env']);
    assert.equal(second.digests['secret/login'], first.digests['secret/login']);
    assert.deepEqual(asked.slice(2), ['configmaps/env']);
  });

  it('are not known after an API error, which is never a change', async (t) => {
    const { store, fail } = await following(t, { configmaps: [object('env', 1)], secrets: [] });
    fail(new KubeError({ status: 500, reason: 'InternalError', message: 'etcd is away' }));
    const { unread } = await store.read('test', [ENV]);
    assert.equal(unread?.reason, 'ConfigUnread');
    assert.match(unread?.message ?? '', /ConfigMap env cannot be read: etcd is away/);
    assert.ok(unread?.againMs !== undefined, 'it is not tried again');
    // Also not of an optional one.
    assert.equal((await store.read('test', [{ ...ENV, optional: true }])).unread?.reason, 'ConfigUnread');
    fail(undefined);
    assert.equal((await store.read('test', [ENV])).unread, undefined);
  });

  it('are waited for where they are needed, and absent where they are not', async (t) => {
    const { store, asked } = await following(t, { configmaps: [], secrets: [] });
    const { unread } = await store.read('test', [ENV]);
    assert.deepEqual(unread, {
      reason: 'ConfigMissing',
      message: 'there is no ConfigMap env, which its pods need',
    });
    assert.deepEqual(await store.read('test', [{ ...ENV, optional: true }]), {
      digests: { 'configmap/env': 'absent' },
    });
    assert.deepEqual(asked, []);
  });

  it('are not followed where their user says so, nor credentials of the cluster', async (t) => {
    const optedOut = object('env', 1, {}, { 'flagger.app/config-tracking': 'disabled' });
    const registry = object('login', 1, { type: 'kubernetes.io/dockerconfigjson' });
    const { store, asked } = await following(t, { configmaps: [optedOut], secrets: [registry] });
    assert.deepEqual(await store.read('test', [ENV, LOGIN]), { digests: {} });
    assert.deepEqual(await store.read('test', [ENV, LOGIN]), { digests: {} });
    assert.deepEqual(asked, ['secrets/login']);
  });

  it('are as many as a status takes', async (t) => {
    const { store } = await following(t, { configmaps: [], secrets: [] });
    const many = Array.from({ length: 1025 }, (_, index) => ({ ...ENV, name: `env-${index}`, optional: true }));
    assert.match((await store.read('test', many)).unread?.message ?? '', /more than 1024/);
  });
});
