import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../api/generated/canary.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeRequest, Transport } from '../kube/transport/transport.ts';
import { createKeptRevisions } from './kept-revisions.ts';
import type { Writer } from './writer.ts';

const revision = (letter: string) => letter.repeat(64);
const canary = {
  metadata: { name: 'podinfo', namespace: 'test', uid: 'u' },
  status: { lastPromotedSpec: revision('a'), lastAppliedSpec: revision('b') },
} as Canary;
const KEPT = { of: 'target', template: { spec: { containers: [{ name: 'podinfo' }] } } } as const;
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

describe('a revision', () => {
  it('is kept under its name, owned by its canary', async () => {
    const { writer, asked } = writing(() => ({}));
    await createKeptRevisions().keep(writer, canary, revision('c'), KEPT, new Date('2026-01-01T00:00:00Z'));
    const [{ method, path, body, fence } = {} as KubeRequest] = asked;
    assert.deepEqual([method, path], ['POST', '/apis/apps/v1/namespaces/test/controllerrevisions']);
    assert.equal(fence, writer.fence);
    assert.deepEqual(body, {
      ...{ apiVersion: 'apps/v1', kind: 'ControllerRevision', revision: 1_767_225_600_000, data: KEPT },
      metadata: {
        ...{ name: 'podinfo-cccccccccc', namespace: 'test', labels: { 'flagger.app/canary': 'podinfo' } },
        annotations: { 'flagger.app/revision': revision('c') },
        ownerReferences: [
          { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid: 'u', controller: true },
        ],
      },
    });
  });

  it('is left as it is when it was kept before', async () => {
    const metadata = { ownerReferences: [{ uid: 'u' }] };
    const { writer, asked } = writing(({ method }) => (method === 'POST' ? conflict : { metadata, data: KEPT }));
    await createKeptRevisions().keep(writer, canary, revision('c'), KEPT, new Date());
    assert.deepEqual(
      asked.map(({ method = 'GET' }) => method),
      ['POST', 'GET'],
    );
  });

  it('is replaced where a canary of the same name kept it, with which it is about to go', async () => {
    const metadata = { ownerReferences: [{ uid: 'another' }] };
    let posts = 0;
    const { writer, asked } = writing(({ method }) => {
      if (method === 'POST') return ++posts === 1 ? conflict : {};
      return { metadata, data: KEPT };
    });
    await createKeptRevisions().keep(writer, canary, revision('c'), KEPT, new Date());
    assert.deepEqual(
      asked.map(({ method = 'GET' }) => method),
      ['POST', 'GET', 'DELETE', 'POST'],
    );
  });

  it('is replaced where it was kept without the copies that there are now', async () => {
    const kept = { ...KEPT, configs: { 'configmap/env': 'a' } };
    for (const [data, methods] of [
      [kept, ['POST', 'GET']],
      [KEPT, ['POST', 'GET', 'DELETE', 'POST']],
    ] as const) {
      let posts = 0;
      const { writer, asked } = writing(({ method }) => {
        if (method === 'POST') return ++posts === 1 ? conflict : {};
        return { metadata: { ownerReferences: [{ uid: 'u' }] }, data };
      });
      await createKeptRevisions().keep(writer, canary, revision('c'), kept, new Date());
      assert.deepEqual(
        asked.map(({ method = 'GET' }) => method),
        methods,
      );
    }
  });

  it('is read back as it was kept, and said to be missing where it is', async () => {
    const revisions = createKeptRevisions();
    assert.deepEqual(await revisions.read(writing(() => ({ data: KEPT })).writer, canary, revision('c')), KEPT);
    const gone = new KubeError({ status: 404, reason: 'NotFound', message: 'gone' });
    await assert.rejects(revisions.read(writing(() => gone).writer, canary, revision('c')), gone);
    await assert.rejects(
      revisions.read(writing(() => ({})).writer, canary, revision('c')),
      /has no pod template in it/,
    );
  });
});

describe('revisions that one controller has kept itself', () => {
  const fresh = { metadata: canary.metadata, spec: canary.spec } as Canary;
  const letters = 'abcdefghijkl'.split('');
  const asks = (asked: readonly KubeRequest[]) => asked.map(({ method = 'GET' }) => method);

  it('are not read again until they are promoted, and then they are', async () => {
    const { writer, asked } = writing(({ method }) => (method === 'POST' ? {} : { data: KEPT }));
    const revisions = createKeptRevisions();
    await revisions.keep(writer, canary, revision('b'), KEPT, new Date());
    assert.deepEqual(await revisions.read(writer, canary, revision('b')), KEPT);
    assert.deepEqual(asks(asked), ['POST']);
    await revisions.read(writer, canary, revision('a'));
    await revisions.read(writer, { ...canary, metadata: { ...canary.metadata, uid: 'another' } }, revision('b'));
    assert.deepEqual(asks(asked), ['POST', 'GET', 'GET']);
    revisions.promoted(canary);
    await revisions.read(writer, canary, revision('b'));
    assert.deepEqual(asks(asked), ['POST', 'GET', 'GET', 'GET']);
  });

  it('are as they are stored, where they were there before', async () => {
    const stored = { ...KEPT, configs: { 'configmap/env': 'a' } };
    const metadata = { ownerReferences: [{ uid: 'u' }] };
    const { writer, asked } = writing(({ method }) => (method === 'POST' ? conflict : { metadata, data: stored }));
    const revisions = createKeptRevisions();
    await revisions.keep(writer, canary, revision('b'), KEPT, new Date());
    assert.deepEqual(await revisions.read(writer, canary, revision('b')), stored);
    assert.deepEqual(asks(asked), ['POST', 'GET']);
  });

  it('are read again where they are large, and where a thousand came after them', async () => {
    const { writer, asked } = writing(({ method }) => (method === 'POST' ? {} : { data: KEPT }));
    const revisions = createKeptRevisions();
    const large = { ...KEPT, template: { metadata: { annotations: { config: 'x'.repeat(40_000) } } } } as const;
    await revisions.keep(writer, canary, revision('b'), large, new Date());
    await revisions.read(writer, canary, revision('b'));
    assert.deepEqual(asks(asked), ['POST', 'GET']);
    const named = (name: string) => ({ ...canary, metadata: { ...canary.metadata, name } });
    for (let index = 0; index <= 1000; index++)
      await revisions.keep(writer, named(`canary-${index}`), revision('b'), KEPT, new Date());
    asked.length = 0;
    await revisions.read(writer, named('canary-1'), revision('b'));
    assert.deepEqual(asks(asked), []);
    await revisions.read(writer, named('canary-0'), revision('b'));
    assert.deepEqual(asks(asked), ['GET']);
  });

  it('are not counted by the API server before there can be eleven of them', async () => {
    const { writer, asked } = writing(({ method }) => (method === 'POST' ? {} : { items: [] }));
    const revisions = createKeptRevisions();
    const listedAt: string[] = [];
    for (const letter of letters) {
      await revisions.keep(writer, letter === 'a' ? fresh : canary, revision(letter), KEPT, new Date());
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
    await revisions.keep(writer, canary, revision('b'), KEPT, new Date());
    await revisions.prune(writer, canary);
    assert.deepEqual(asks(asked), ['POST', 'GET']);
    const configured = createKeptRevisions();
    asked.length = 0;
    await configured.keep(writer, fresh, revision('b'), { ...KEPT, configs: { 'configmap/env': 'a' } }, new Date());
    await configured.prune(writer, canary);
    assert.deepEqual(asks(asked), ['POST', 'GET']);
  });
});

describe('revisions that are many', () => {
  const items = (letters: string) =>
    letters.split('').map((letter, index) => ({
      metadata: { name: `podinfo-${letter.repeat(10)}`, namespace: 'test' },
      revision: index,
    }));
  const deleted = async (letters: string, answer: unknown = {}) => {
    const { writer, asked } = writing(({ method }) => (method === 'DELETE' ? answer : { items: items(letters) }));
    await createKeptRevisions().prune(writer, canary);
    return asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path.at(-1));
  };

  it('are ten at most: the oldest go, but for what the primary has and what is being released', async () => {
    assert.deepEqual(await deleted('abcdefghij'), []);
    assert.deepEqual(await deleted('abcdefghijkl'), ['d', 'c']);
    assert.deepEqual(await deleted('cdefghijklab'), ['d', 'c']);
  });

  it('may be gone already', async () => {
    const gone = new KubeError({ status: 404, reason: 'NotFound', message: 'gone' });
    assert.deepEqual(await deleted('abcdefghijkl', gone), ['d', 'c']);
    await assert.rejects(deleted('abcdefghijkl', conflict), conflict);
  });
});
