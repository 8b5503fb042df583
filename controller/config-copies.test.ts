import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../api/generated/canary.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeRequest, Transport } from '../kube/transport/transport.ts';
import { makeCopies, mendCopies, pruneCopies } from './config-copies.ts';
import { copyName } from './workload/config-copies.ts';
import { type ConfigObject, configDigest } from './workload/config-object.ts';
import type { Writer } from './writer.ts';

const canary = { metadata: { name: 'podinfo', namespace: 'test', uid: 'u' } } as Canary;
const OPTIONS = { includeLabelPrefixes: [] };
const config = (name: string, value: string, more: object = {}): ConfigObject => ({
  metadata: { name, namespace: 'test', uid: `uid-of-${name}`, resourceVersion: '1' },
  ...{ data: { key: value }, ...more },
});
const digest = (object: ConfigObject, kind: 'ConfigMap' | 'Secret' = 'ConfigMap') => configDigest(kind, object) ?? '';

/** An API server with these objects, by `configmaps/name`. */
function serving(objects: Record<string, ConfigObject>) {
  const asked: string[] = [];
  const transport = {
    async request({ method = 'GET', path, body, accept }: KubeRequest) {
      const [, plural = '', name] = /\/(configmaps|secrets)(?:\/(.*))?$/.exec(path) ?? [];
      const created = body as ConfigObject | undefined;
      const key = `${plural}/${name ?? created?.metadata.name ?? ''}`;
      asked.push(`${method} ${key}`);
      const error = (status: number) => new KubeError({ status, reason: 'Odd', message: `${status}` });
      if (method === 'POST') {
        if (objects[key] !== undefined) throw error(409);
        objects[key] = created as ConfigObject;
        return created;
      }
      if (name === undefined) {
        assert.match(accept ?? '', /as=PartialObjectMetadataList/);
        const items = Object.entries(objects).filter(([each]) => each.startsWith(plural));
        return { items: items.map(([, { metadata }]) => ({ metadata })) };
      }
      if (objects[key] === undefined) throw error(404);
      if (method === 'DELETE') delete objects[key];
      return objects[key];
    },
  } as unknown as Transport;
  const { signal } = new AbortController();
  const fence = { holder: 'me', lost: signal, isHeld: () => true };
  const writer: Writer = { transport, fieldManager: 'kubectl-canary', fence, signal };
  return { writer, asked, objects };
}

describe('copies', () => {
  const [env, login] = [config('env', 'one'), config('login', 'one', { type: 'Opaque' })];
  const digests = {
    ...{ 'configmap/env': digest(env), 'secret/login': digest(login, 'Secret'), 'configmap/maybe': 'absent' },
  };
  const [envCopy, loginCopy] = [
    copyName(canary, 'env', digests['configmap/env']),
    copyName(canary, 'login', digests['secret/login']),
  ];

  it('are made of what a revision has, once, and are the canary’s', async () => {
    const { writer, objects, asked } = serving({ 'configmaps/env': env, 'secrets/login': login });
    await makeCopies(canary, digests, OPTIONS, writer);
    const copy = objects[`configmaps/${envCopy}`] as ConfigObject & { immutable?: boolean };
    assert.deepEqual([copy.data, copy.immutable], [{ key: 'one' }, true]);
    const { ownerReferences } = copy.metadata as { ownerReferences?: { uid: string }[] };
    assert.deepEqual(
      ownerReferences?.map(({ uid }) => uid),
      ['u'],
    );
    assert.deepEqual(objects[`secrets/${loginCopy}`]?.type, 'Opaque');
    assert.equal(Object.keys(objects).length, 4);
    const before = structuredClone(objects);
    await makeCopies(canary, digests, OPTIONS, writer);
    assert.deepEqual(objects, before);
    assert.ok(!asked.some((each) => /^(DELETE|PATCH|PUT)/.test(each)));
  });

  it('are not made of what has other contents by then', async () => {
    for (const there of [{ 'configmaps/env': config('env', 'two') }, {}]) {
      const { writer, objects } = serving({ ...there });
      const isConflict = (error: unknown) => error instanceof KubeError && error.status === 409;
      await assert.rejects(makeCopies(canary, { 'configmap/env': digest(env) }, OPTIONS, writer), isConflict);
      assert.deepEqual(objects, there);
    }
  });

  it('are not what somebody else has put in their place', async () => {
    const odd = config(envCopy, 'odd');
    const { writer } = serving({ 'configmaps/env': env, [`configmaps/${envCopy}`]: odd });
    await assert.rejects(
      makeCopies(canary, digests, OPTIONS, writer),
      /is there already, with other contents than env/,
    );
  });

  it('are made again where somebody has deleted them, as long as their contents are there', async () => {
    const kept = { of: 'target', template: {}, configs: digests } as const;
    const store = { has: () => false } as unknown as Parameters<typeof mendCopies>[2];
    const { writer, objects } = serving({ 'configmaps/env': env, 'secrets/login': login });
    await mendCopies(canary, kept, store, OPTIONS, writer);
    assert.ok(objects[`configmaps/${envCopy}`] !== undefined && objects[`secrets/${loginCopy}`] !== undefined);
    objects['configmaps/env'] = config('env', 'two');
    await mendCopies(canary, kept, store, OPTIONS, writer);
    delete objects[`configmaps/${envCopy}`];
    await assert.rejects(
      mendCopies(canary, kept, store, OPTIONS, writer),
      /is gone, and env has other contents by now/,
    );
    const knowing = { has: () => true } as unknown as typeof store;
    const idle = serving({});
    await mendCopies(canary, kept, knowing, OPTIONS, idle.writer);
    assert.deepEqual(idle.asked, []);
  });

  it('are deleted when neither a kept revision nor the primary has them, and nothing else is', async () => {
    const owned = (name: string, uid = 'u') => {
      const { metadata } = config(name, 'x');
      return { metadata: { ...metadata, ownerReferences: [{ uid }] } } as ConfigObject;
    };
    const old = ['env-primary-0000000000', 'env-primary-1111111111', 'env-primary-2222222222'];
    const names = [envCopy, ...old, 'env-primary', 'env'];
    const objects = Object.fromEntries(names.map((name) => [`configmaps/${name}`, owned(name)]));
    objects['configmaps/env-primary-2222222222'] = owned('env-primary-2222222222', 'another');
    const { writer } = serving(objects);
    const kept = [{ of: 'target', template: {}, configs: digests } as const, { of: 'primary', template: {} } as const];
    const ofPrimary = [{ kind: 'ConfigMap', name: 'env-primary-1111111111', optional: false } as const];
    await pruneCopies(writer, canary, kept, ofPrimary);
    const left = Object.keys(objects).map((key) => key.split('/')[1]);
    assert.deepEqual(left, [envCopy, 'env-primary-1111111111', 'env-primary-2222222222', 'env-primary', 'env']);
  });
});
