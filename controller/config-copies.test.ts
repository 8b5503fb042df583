import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../api/generated/canary.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeRequest, Transport } from '../kube/transport/transport.ts';
import { makeCopies, mendCopies, mendFormerCopy, pruneCopies } from './config-copies.ts';
import { copyName, formerCopyName } from './workload/config-copies.ts';
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
  const deletions: unknown[] = [];
  const transport = {
    async request({ method = 'GET', path, body, accept }: KubeRequest) {
      const [, plural = '', name] = /\/(configmaps|secrets)(?:\/(.*))?$/.exec(path) ?? [];
      const created = body as ConfigObject | undefined;
      const key = `${plural}/${name ?? created?.metadata.name ?? ''}`;
      asked.push(`${method} ${key}`);
      const error = (status: number) => new KubeError({ status, reason: 'Odd', message: `${status}` });
      if (method === 'POST') {
        if (objects[key] !== undefined) throw error(409);
        const { metadata, ...rest } = created as ConfigObject;
        objects[key] = { ...rest, metadata: { ...metadata, uid: `uid-of-${metadata.name}`, resourceVersion: '1' } };
        return objects[key];
      }
      if (name === undefined) {
        assert.match(accept ?? '', /as=PartialObjectMetadataList/);
        const items = Object.entries(objects).filter(([each]) => each.startsWith(plural));
        return { items: items.map(([, { metadata }]) => ({ metadata })) };
      }
      if (objects[key] === undefined) throw error(404);
      if (method === 'DELETE') {
        deletions.push((body as { preconditions?: unknown }).preconditions);
        delete objects[key];
      }
      return objects[key];
    },
  } as unknown as Transport;
  const { signal } = new AbortController();
  const fence = { holder: 'me', lost: signal, isHeld: () => true };
  const writer: Writer = { transport, fieldManager: 'kubectl-canary', fence, signal };
  return { writer, asked, objects, deletions };
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
    const { ownerReferences } = copy.metadata;
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
    const { writer, objects } = serving({ 'configmaps/env': env, [`configmaps/${envCopy}`]: odd });
    const isOdd = (error: unknown) =>
      error instanceof KubeError &&
      error.reason === 'CopyTampered' &&
      /is there already, and is not the copy of env that this canary makes: delete it/.test(error.message);
    await assert.rejects(makeCopies(canary, digests, OPTIONS, writer), isOdd);
    await assert.rejects(mendCopies(canary, { configs: digests }, OPTIONS, writer), isOdd);
    assert.equal(objects[`configmaps/${envCopy}`], odd);
  });

  it('are made anew where somebody has put something else there in our name', async () => {
    for (const [planted, more] of [
      ['odd', { immutable: true }],
      // Its contents may be changed once the primary refers to it.
      ['one', {}],
    ] as const) {
      for (const kind of ['configmaps', 'secrets'] as const) {
        const name = kind === 'configmaps' ? envCopy : loginCopy;
        const forged = owned(config(name, planted, more));
        const { writer, objects } = serving({
          ...{ 'configmaps/env': env, 'secrets/login': login, [`${kind}/${name}`]: forged },
        });
        await mendCopies(canary, { configs: digests }, OPTIONS, writer);
        const now = objects[`${kind}/${name}`];
        assert.deepEqual([now?.data, now?.immutable], [{ key: 'one' }, true]);
      }
    }
  });

  it('are not used where the contents of one that was forged are nowhere else', async () => {
    const forged = owned(config(loginCopy, 'odd', { type: 'Opaque', immutable: true }));
    const annotated = {
      ...forged,
      metadata: { ...forged.metadata, annotations: { 'flagger.app/source-uid': login.metadata.uid } },
    };
    for (const object of [forged, annotated]) {
      const { writer } = serving({
        'configmaps/env': env,
        'secrets/login': config('login', 'changed'),
        [`secrets/${loginCopy}`]: object,
      });
      const isTampered = (error: unknown) => error instanceof KubeError && error.reason === 'CopyTampered';
      await assert.rejects(mendCopies(canary, { configs: digests }, OPTIONS, writer), isTampered);
    }
  });

  it('are proved by themselves when what they are copies of is gone', async () => {
    const { writer, objects, asked } = serving({ 'configmaps/env': env, 'secrets/login': login });
    await makeCopies(canary, digests, OPTIONS, writer);
    delete objects['configmaps/env'];
    delete objects['secrets/login'];
    asked.length = 0;
    await mendCopies(canary, { configs: digests }, OPTIONS, writer);
    assert.ok(asked.every((each) => each.startsWith('GET ')));
  });

  it('stand for an object that was not there only as long as nobody makes one', async () => {
    const planted = copyName(canary, 'maybe', 'absent');
    const { writer } = serving({
      ...{ 'configmaps/env': env, 'secrets/login': login, [`configmaps/${planted}`]: config(planted, 'odd') },
    });
    await assert.rejects(mendCopies(canary, { configs: digests }, OPTIONS, writer), /somebody has made it: delete it/);
  });

  it('of an earlier version, with their short names, are copied under their full ones', async () => {
    const former = formerCopyName(canary, 'env', digests['configmap/env']);
    const copy = owned({ ...config(former, 'one'), immutable: true });
    const { writer, objects } = serving({
      ...{ 'configmaps/env': config('env', 'two'), 'secrets/login': login, [`configmaps/${former}`]: copy },
    });
    await mendCopies(canary, { configs: digests }, OPTIONS, writer);
    assert.deepEqual(objects[`configmaps/${envCopy}`]?.data, { key: 'one' });
    assert.match(envCopy, /-primary-[0-9a-f]{32}$/);
    const lost = { kind: 'ConfigMap', name: former, optional: false } as const;
    delete objects[`configmaps/${former}`];
    objects['configmaps/env'] = env;
    assert.equal(await mendFormerCopy(canary, { configs: digests }, lost, OPTIONS, writer), true);
    assert.deepEqual(objects[`configmaps/${former}`]?.data, { key: 'one' });
    assert.equal(await mendFormerCopy(canary, {}, lost, OPTIONS, writer), false);
  });

  it('are made again where somebody has deleted them, as long as their contents are there', async () => {
    const kept = { configs: digests };
    const { writer, objects } = serving({ 'configmaps/env': env, 'secrets/login': login });
    await mendCopies(canary, kept, OPTIONS, writer);
    assert.ok(objects[`configmaps/${envCopy}`] !== undefined && objects[`secrets/${loginCopy}`] !== undefined);
    objects['configmaps/env'] = config('env', 'two');
    await mendCopies(canary, kept, OPTIONS, writer);
    delete objects[`configmaps/${envCopy}`];
    await assert.rejects(mendCopies(canary, kept, OPTIONS, writer), /is gone, and env has other contents by now/);
  });

  it('are deleted when neither a kept revision nor the primary has them, and nothing else is', async () => {
    const old = ['env-primary-0000000000', 'env-primary-1111111111', `env-primary-${'2'.repeat(32)}`];
    const names = [envCopy, ...old, 'env-primary', 'env'];
    const objects = Object.fromEntries(names.map((name) => [`configmaps/${name}`, owned(config(name, 'x'))]));
    objects[`configmaps/${old[2]}`] = owned(config(old[2] ?? '', 'x'), 'another');
    const { writer, deletions } = serving(objects);
    const kept = [{ revision: 'a', configs: digests }, { revision: 'b' }];
    const ofPrimary = [{ kind: 'ConfigMap', name: 'env-primary-1111111111', optional: false } as const];
    await pruneCopies(writer, canary, kept, ofPrimary);
    const left = Object.keys(objects).map((key) => key.split('/')[1]);
    assert.deepEqual(left, [envCopy, 'env-primary-1111111111', old[2], 'env-primary', 'env']);
    assert.deepEqual(deletions, [{ uid: 'uid-of-env-primary-0000000000', resourceVersion: '1' }]);
  });

  it('of Secrets are only kept for what may be written into the primary again', async () => {
    const of = { ...canary, status: { lastPromotedSpec: 'b', lastAppliedSpec: 'c' } } as Canary;
    const revisions = ['a', 'b', 'c'].map((revision) => ({
      revision,
      configs: { 'configmap/env': revision, 'secret/login': revision },
    }));
    const copies = revisions.flatMap(({ revision }) => [
      `configmaps/${copyName(of, 'env', revision)}`,
      `secrets/${copyName(of, 'login', revision)}`,
    ]);
    const objects = Object.fromEntries(copies.map((key) => [key, owned(config(key.split('/')[1] ?? '', 'x'))]));
    await pruneCopies(serving(objects).writer, of, revisions, []);
    assert.deepEqual(
      Object.keys(objects),
      copies.filter((key) => key !== copies[1]),
    );
  });
});

function owned(object: ConfigObject, uid = 'u'): ConfigObject {
  return { ...object, metadata: { ...object.metadata, ownerReferences: [{ uid }] } };
}
