import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Canary } from '../api/generated/canary.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeRequest, Transport } from '../kube/transport/transport.ts';
import { keepRevision, keptRevision, pruneRevisions } from './kept-revisions.ts';
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
    await keepRevision(writer, canary, revision('c'), KEPT, new Date('2026-01-01T00:00:00Z'));
    const [{ method, path, body, fence } = {} as KubeRequest] = asked;
    assert.deepEqual([method, path], ['POST', '/apis/apps/v1/namespaces/test/controllerrevisions']);
    assert.equal(fence, writer.fence);
    assert.deepEqual(body, {
      ...{ apiVersion: 'apps/v1', kind: 'ControllerRevision', revision: 1_767_225_600, data: KEPT },
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
    await keepRevision(writer, canary, revision('c'), KEPT, new Date());
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
    await keepRevision(writer, canary, revision('c'), KEPT, new Date());
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
      await keepRevision(writer, canary, revision('c'), kept, new Date());
      assert.deepEqual(
        asked.map(({ method = 'GET' }) => method),
        methods,
      );
    }
  });

  it('is read back as it was kept, and said to be missing where it is', async () => {
    assert.deepEqual(await keptRevision(writing(() => ({ data: KEPT })).writer, canary, revision('c')), KEPT);
    const gone = new KubeError({ status: 404, reason: 'NotFound', message: 'gone' });
    await assert.rejects(keptRevision(writing(() => gone).writer, canary, revision('c')), gone);
    await assert.rejects(keptRevision(writing(() => ({})).writer, canary, revision('c')), /has no pod template in it/);
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
    await pruneRevisions(writer, canary);
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
