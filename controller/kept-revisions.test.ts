import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../api/generated/canary.ts';
import { configuredRevision, revisionOf } from '../api/revision.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeRequest, Transport } from '../kube/transport/transport.ts';
import { createKeptRevisions, type KeptRevision } from './kept-revisions.ts';
import type { Writer } from './writer.ts';

/** A pod template of its own for each letter, and its revision. */
const kept = (letter: string): KeptRevision => ({
  of: 'target',
  template: { spec: { containers: [{ name: letter }] } },
});
const revision = (letter: string) => revisionOf(kept(letter).template);
const canary = {
  metadata: { name: 'podinfo', namespace: 'test', uid: 'u' },
  status: { lastPromotedSpec: revision('a'), lastAppliedSpec: revision('b') },
} as Canary;
/** As it is in the API server. */
const stored = (
  letter: string,
  {
    data = kept(letter),
    owner = 'u',
    as = revision(letter),
    at = 0,
  }: { data?: object; owner?: string; as?: string; at?: number } = {},
) => ({
  metadata: {
    ...{ name: `podinfo-${as}`, namespace: 'test', uid: `uid-${letter}`, resourceVersion: '7' },
    annotations: { 'flagger.app/revision': as.length === 64 ? as : revision(letter) },
    ownerReferences: [{ kind: 'Canary', name: 'podinfo', uid: owner }],
  },
  revision: at,
  data,
});
const conflict = new KubeError({ status: 409, reason: 'AlreadyExists', message: 'it is there' });

/** Who writes to an API server that answers so; what it was asked. */
function writing(answer: (request: KubeRequest) => unknown) {
  const asked: KubeRequest[] = [];
  const transport = {
    async request(request: KubeRequest) {
      asked.push(request);
      const answered = answer(request);
      if (answered instanceof Error) throw answered;
      return answered;
    },
  } as unknown as Transport;
  const { signal } = new AbortController();
  const fence = { holder: 'me', lost: signal, isHeld: () => true };
  const writer: Writer = { transport, fieldManager: 'kubectl-canary', fence, signal };
  return { writer, asked };
}

const isTampered = (error: unknown) => error instanceof KubeError && error.reason === 'RevisionTampered';

describe('a revision', () => {
  it('is kept under its full name, owned by its canary', async () => {
    const { writer, asked } = writing(() => ({}));
    await createKeptRevisions().keep(writer, canary, revision('c'), kept('c'), new Date('2026-01-01T00:00:00Z'));
    const [{ method, path, body, fence } = {} as KubeRequest] = asked;
    assert.deepEqual([method, path], ['POST', '/apis/apps/v1/namespaces/test/controllerrevisions']);
    assert.equal(fence, writer.fence);
    assert.deepEqual(body, {
      ...{ apiVersion: 'apps/v1', kind: 'ControllerRevision', revision: 1_767_225_600_000, data: kept('c') },
      metadata: {
        ...{ name: `podinfo-${revision('c')}`, namespace: 'test', labels: { 'flagger.app/canary': 'podinfo' } },
        annotations: { 'flagger.app/revision': revision('c') },
        ownerReferences: [
          { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid: 'u', controller: true },
        ],
      },
    });
  });

  /** What is asked when something is there already, and what is said of it. */
  const keptOver = async (there: object, data = kept('c'), as = revision('c')) => {
    let posts = 0;
    const { writer, asked } = writing(({ method }) => {
      if (method === 'POST') return ++posts === 1 ? conflict : {};
      return there;
    });
    const fault = await createKeptRevisions().keep(writer, canary, as, data, new Date());
    return { methods: asked.map(({ method = 'GET' }) => method), fault, asked };
  };

  it('is left as it is when it was kept before', async () => {
    assert.deepEqual((await keptOver(stored('c'))).methods, ['POST', 'GET']);
  });

  it('is replaced where a canary of the same name kept it, with which it is about to go', async () => {
    const { methods, fault, asked } = await keptOver(stored('c', { owner: 'another' }));
    assert.deepEqual([methods, fault], [['POST', 'GET', 'DELETE', 'POST'], undefined]);
    const { body } = asked[2] ?? {};
    assert.deepEqual((body as { preconditions: unknown }).preconditions, { uid: 'uid-c', resourceVersion: '7' });
  });

  it('is replaced where it was kept without the copies that there are now', async () => {
    const digests = { 'configmap/env': 'a' };
    const as = configuredRevision(revision('c'), digests);
    const configured = { ...kept('c'), configs: digests };
    const live = { ...kept('c'), live: digests };
    assert.deepEqual((await keptOver(stored('c', { data: configured, as }), configured, as)).methods, ['POST', 'GET']);
    const replaced = await keptOver(stored('c', { data: live, as }), configured, as);
    assert.deepEqual([replaced.methods, replaced.fault], [['POST', 'GET', 'DELETE', 'POST'], undefined]);
  });

  it('is kept anew where somebody has put another template there in our name, and that is told', async () => {
    const { methods, fault } = await keptOver(stored('c', { data: kept('d') }));
    assert.deepEqual(methods, ['POST', 'GET', 'DELETE', 'POST']);
    assert.match(fault ?? '', /was not revision .*, and is kept anew/);
  });

  it('is not kept in the place of something that is not the canary’s, which stays', async () => {
    const foreign = stored('c');
    const there = { ...foreign, metadata: { ...foreign.metadata, ownerReferences: [] } };
    await assert.rejects(keptOver(there), isTampered);
  });

  it('is read back as it was kept, and said to be missing where it is', async () => {
    const revisions = createKeptRevisions();
    assert.deepEqual(await revisions.read(writing(() => stored('c')).writer, canary, revision('c')), kept('c'));
    const gone = new KubeError({ status: 404, reason: 'NotFound', message: 'gone' });
    await assert.rejects(revisions.read(writing(() => gone).writer, canary, revision('c')), gone);
  });

  it('is not used where it is not what its hash, its owner or its annotation says', async () => {
    const revisions = createKeptRevisions();
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as object;
    for (const there of [
      stored('c', { data: kept('d') }),
      stored('c', { data: {} }),
      stored('c', { data: { of: 'target', template: deep } }),
      stored('c', { data: { ...kept('c'), configs: { 'configmap/env': 'a' } } }),
      stored('c', { owner: 'another' }),
      { ...stored('c'), metadata: { ...stored('c').metadata, annotations: {} } },
    ])
      await assert.rejects(revisions.read(writing(() => there).writer, canary, revision('c')), isTampered);
  });

  it('refers to nothing that is not copied unless it was promoted so', async () => {
    const digests = { 'configmap/env': 'a' };
    const as = configuredRevision(revision('c'), digests);
    const { writer } = writing(() => stored('c', { data: { ...kept('c'), live: digests }, as }));
    await assert.rejects(createKeptRevisions().read(writer, canary, as), isTampered);
    const promoted = { ...canary, status: { lastPromotedSpec: as } } as Canary;
    assert.deepEqual((await createKeptRevisions().read(writer, promoted, as)).live, digests);
  });

  it('of an earlier version is read under its short name, if it is the one', async () => {
    const gone = new KubeError({ status: 404, reason: 'NotFound', message: 'gone' });
    const under = (there: object) =>
      writing(({ path }) => (path.endsWith(`/podinfo-${revision('c').slice(0, 10)}`) ? there : gone)).writer;
    const former = stored('c', { as: revision('c').slice(0, 10) });
    const revisions = createKeptRevisions();
    assert.deepEqual(await revisions.read(under(former), canary, revision('c')), kept('c'));
    await assert.rejects(revisions.read(under({ ...former, data: kept('d') }), canary, revision('c')), isTampered);
    const another = { ...former.metadata, annotations: { 'flagger.app/revision': revision('d') } };
    await assert.rejects(revisions.read(under({ ...former, metadata: another }), canary, revision('c')), gone);
    // Those of what the primary refers to itself were not kept: they are proved while the status has them.
    const digests = { 'configmap/env': 'a' };
    const as = configuredRevision(revision('c'), digests);
    const bare = stored('c', { as });
    const promoted = { ...canary, status: { lastPromotedSpec: as, trackedConfigs: digests } } as Canary;
    assert.deepEqual(await revisions.read(writing(() => bare).writer, promoted, as), kept('c'));
    const changed = {
      ...promoted,
      status: { lastPromotedSpec: as, trackedConfigs: { 'configmap/env': 'b' } },
    } as Canary;
    await assert.rejects(revisions.read(writing(() => bare).writer, changed, as), isTampered);
  });
});

describe('revisions that one controller has kept itself', () => {
  const fresh = { metadata: canary.metadata, spec: canary.spec } as Canary;
  const letters = 'abcdefghijkl'.split('');
  const there = (path: string) =>
    letters.map((letter) => stored(letter)).find(({ metadata }) => path.endsWith(metadata.name));
  const asks = (asked: readonly KubeRequest[]) => asked.map(({ method = 'GET' }) => method);

  it('are not read again until they are promoted, and then they are', async () => {
    const { writer, asked } = writing(({ method, path }) => (method === 'POST' ? {} : there(path)));
    const revisions = createKeptRevisions();
    await revisions.keep(writer, canary, revision('b'), kept('b'), new Date());
    assert.deepEqual(await revisions.read(writer, canary, revision('b')), kept('b'));
    assert.deepEqual(asks(asked), ['POST']);
    await revisions.read(writer, canary, revision('a'));
    const another = { ...canary, metadata: { ...canary.metadata, uid: 'another' } };
    await assert.rejects(revisions.read(writer, another, revision('b')), isTampered);
    assert.deepEqual(asks(asked), ['POST', 'GET', 'GET']);
    revisions.promoted(canary);
    await revisions.read(writer, canary, revision('b'));
    assert.deepEqual(asks(asked), ['POST', 'GET', 'GET', 'GET']);
  });

  it('are read again where they are large, and where a thousand came after them', async () => {
    const large: KeptRevision = {
      ...kept('b'),
      template: { metadata: { annotations: { config: 'x'.repeat(40_000) } } },
    };
    const ofLarge = revisionOf(large.template);
    const object = stored('b', { data: large, as: ofLarge });
    const { writer, asked } = writing(({ method, path }) =>
      method === 'POST' ? {} : path.endsWith(object.metadata.name) ? object : there(path),
    );
    const revisions = createKeptRevisions();
    await revisions.keep(writer, canary, ofLarge, large, new Date());
    await revisions.read(writer, canary, ofLarge);
    assert.deepEqual(asks(asked), ['POST', 'GET']);
    const named = (namespace: string) => ({ ...canary, metadata: { ...canary.metadata, namespace } });
    for (let index = 0; index <= 1000; index++)
      await revisions.keep(writer, named(`test-${index}`), revision('b'), kept('b'), new Date());
    asked.length = 0;
    await revisions.read(writer, named('test-1'), revision('b'));
    assert.deepEqual(asks(asked), []);
    await revisions.read(writer, named('test-0'), revision('b'));
    assert.deepEqual(asks(asked), ['GET']);
  });

  it('are not counted by the API server before there can be eleven of them', async () => {
    const { writer, asked } = writing(({ method }) => (method === 'POST' ? {} : { items: [] }));
    const revisions = createKeptRevisions();
    const listedAt: string[] = [];
    for (const letter of letters) {
      await revisions.keep(writer, letter === 'a' ? fresh : canary, revision(letter), kept(letter), new Date());
      asked.length = 0;
      await revisions.prune(writer, canary);
      if (asked.length > 0) listedAt.push(letter);
    }
    // What was listed was none, so that it is counted anew from there.
    assert.deepEqual(listedAt, ['k']);
    revisions.forget('test/podinfo');
    await revisions.prune(writer, canary);
    assert.deepEqual(asks(asked), ['GET']);
  });

  it('are looked for each time where another has kept some, or where some have copies of configuration', async () => {
    const { writer, asked } = writing(({ method }) => (method === 'POST' ? {} : { items: [] }));
    const revisions = createKeptRevisions();
    await revisions.keep(writer, canary, revision('b'), kept('b'), new Date());
    await revisions.prune(writer, canary);
    assert.deepEqual(asks(asked), ['POST', 'GET']);
    const configured = createKeptRevisions();
    asked.length = 0;
    await configured.keep(
      writer,
      fresh,
      revision('b'),
      { ...kept('b'), configs: { 'configmap/env': 'a' } },
      new Date(),
    );
    await configured.prune(writer, canary);
    assert.deepEqual(asks(asked), ['POST', 'GET']);
  });
});

describe('revisions that are many', () => {
  const deletedOf = async (items: readonly object[], of = canary, answer: unknown = {}) => {
    const { writer, asked } = writing(({ method }) => (method === 'DELETE' ? answer : { items }));
    await createKeptRevisions().prune(writer, of);
    const named = (path: string) => decodeURIComponent(path.split('/').at(-1) ?? '').replace('podinfo-', '');
    return {
      deleted: asked.filter(({ method }) => method === 'DELETE').map(({ path }) => named(path)),
      posted: asked.filter(({ method }) => method === 'POST').map(({ body }) => body as { revision: number }),
      asked,
    };
  };
  const items = (letters: string) => letters.split('').map((letter, index) => stored(letter, { at: index }));
  const revisions = (letters: string) => letters.split('').map(revision);

  it('are ten at most: the oldest go, but for what the primary has and what is being released', async () => {
    assert.deepEqual((await deletedOf(items('abcdefghij'))).deleted, []);
    assert.deepEqual((await deletedOf(items('abcdefghijkl'))).deleted, revisions('dc'));
    assert.deepEqual((await deletedOf(items('cdefghijklab'))).deleted, revisions('dc'));
  });

  it('are as many as the canary asks for, and never without these two', async () => {
    const of = (revisionHistoryLimit: number) => ({ ...canary, spec: { revisionHistoryLimit } }) as Canary;
    assert.deepEqual((await deletedOf(items('abcdef'), of(0))).deleted, revisions('fedc'));
    assert.deepEqual((await deletedOf(items('abcdef'), of(4))).deleted, revisions('dc'));
  });

  it('may be gone already, or be written by somebody just now', async () => {
    const gone = new KubeError({ status: 404, reason: 'NotFound', message: 'gone' });
    for (const answer of [gone, conflict])
      assert.deepEqual((await deletedOf(items('abcdefghijkl'), canary, answer)).deleted, revisions('dc'));
    const refused = new KubeError({ status: 403, reason: 'Forbidden', message: 'no' });
    await assert.rejects(deletedOf(items('abcdefghijkl'), canary, refused), refused);
  });

  it('are told from what others have put beside them, and from what is only said to be one', async () => {
    const foreign = Array.from({ length: 20 }, (_, index) => stored('a', { owner: `another-${index}` }));
    const named = stored('c');
    const odd = { ...named, metadata: { ...named.metadata, name: 'podinfo-of-somebody' } };
    const forged = stored('d', { data: kept('x'), at: 99 });
    const { deleted, asked } = await deletedOf([...foreign, odd, forged, ...items('ab')]);
    assert.deepEqual(deleted, [revision('d')]);
    const { body } = asked.find(({ method }) => method === 'DELETE') ?? {};
    assert.deepEqual((body as { preconditions: unknown }).preconditions, { uid: 'uid-d', resourceVersion: '7' });
  });

  it('of an earlier version are kept under their full names', async () => {
    const former = (letter: string, at: number) => stored(letter, { as: revision(letter).slice(0, 10), at });
    const { deleted, posted } = await deletedOf([former('a', 5), former('c', 6), stored('c', { at: 6 })]);
    assert.deepEqual(deleted.toSorted(), [revision('a').slice(0, 10), revision('c').slice(0, 10)].toSorted());
    assert.deepEqual(
      posted.map((body) => body.revision),
      [5],
    );
  });

  it('are listed in pages, of which a flood has an end', async () => {
    const asked: KubeRequest[] = [];
    const { writer } = writing((request) => {
      asked.push(request);
      return { items: [], metadata: { continue: 'more' } };
    });
    await createKeptRevisions().prune(writer, canary);
    assert.ok(asked.length > 1 && asked.length <= 25);
    assert.ok(asked.every(({ query }) => Number(query?.['limit']) <= 20));
  });
});
