import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../kube/clock.ts';
import { loopbackTransport } from '../../kube/transport/loopback-transport.ts';
import type { Cluster } from './cluster.ts';
import { followCanaries } from './follow-canaries.ts';
import { nameOf, readCanaries, readNamed } from './read-canaries.ts';

type Answer = (url: URL) => { readonly status?: number; readonly body: object };

const canaryCalled = (name: string) => ({
  metadata: { name, namespace: 'test', uid: name, resourceVersion: '1', managedFields: [] },
});
const listOf = (names: readonly string[], more: object = {}) => ({
  body: { metadata: { resourceVersion: '7', ...more }, items: names.map(canaryCalled) },
});
const failure = (status: number, reason: string, message: string) => ({
  status,
  body: { reason, message, code: status },
});

/** A cluster whose API server is a real one of HTTP with these answers, and what it was asked for. */
async function clusterOf(t: TestContext, answer: Answer): Promise<{ cluster: Cluster; asked: string[] }> {
  const asked: string[] = [];
  const { transport } = await loopbackTransport(t, (request, response) => {
    const url = new URL(request.url, 'http://test');
    asked.push(url.search);
    const { status = 200, body } = answer(url);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return { cluster: { transport, namespace: 'test', context: '', server: '' }, asked };
}

const { signal } = new AbortController();

describe('canaries of a namespace', () => {
  it('are read page by page', async (t) => {
    const { cluster, asked } = await clusterOf(t, ({ searchParams }) =>
      searchParams.has('continue') ? listOf(['b']) : listOf(['a'], { continue: 'more' }),
    );
    const { items, resourceVersion } = await readCanaries(cluster, { names: [], selector: 'app=x' }, signal);
    assert.deepEqual([items.map(({ metadata }) => metadata.name), resourceVersion], [['a', 'b'], '7']);
    assert.deepEqual(asked, ['?limit=500&labelSelector=app%3Dx', '?limit=500&labelSelector=app%3Dx&continue=more']);
  });

  it('are read all in one when the list is too old for its next page', async (t) => {
    const { cluster, asked } = await clusterOf(t, ({ searchParams }) => {
      if (searchParams.has('continue')) return failure(410, 'Expired', 'the list is too old');
      return searchParams.has('limit') ? listOf(['gone'], { continue: 'more' }) : listOf(['a', 'b']);
    });
    const { items } = await readCanaries(cluster, { names: [] }, signal);
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['a', 'b'],
    );
    assert.deepEqual(asked, ['?limit=500', '?limit=500&continue=more', '']);
  });

  it('of a cluster that knows none are said to be not installed', async (t) => {
    const { cluster } = await clusterOf(t, () => failure(404, 'NotFound', 'the server could not find it'));
    await assert.rejects(
      readCanaries(cluster, { names: [] }, signal),
      /does not know canaries.*install kubectl-canary/,
    );
  });
});

describe('canaries that are named', () => {
  it('are read one by one, and one that is missing hides no other', async (t) => {
    const { cluster } = await clusterOf(t, ({ pathname }) =>
      pathname.endsWith('/b') ? failure(404, 'NotFound', 'b is not there') : { body: canaryCalled(pathname.slice(-1)) },
    );
    const { items, failures } = await readNamed(cluster, ['canary.flagger.app/c', 'b', 'a'], signal);
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['c', 'a'],
    );
    assert.match(String(failures), /b is not there/);
    await assert.rejects(readCanaries(cluster, { names: ['a', 'b'] }, signal), /b is not there/);
  });

  it('may be called as -o name calls them, and not as anything else', () => {
    for (const text of ['podinfo', 'canary/podinfo', 'cny/podinfo', 'canaries.flagger.app/podinfo']) {
      assert.equal(nameOf(text), 'podinfo');
    }
    for (const text of ['', '..', 'a b', 'deployment/podinfo', 'canary/', 'canary/a/b', 'Podinfo']) {
      assert.throws(() => nameOf(text), { name: 'CommandError', exitCode: 2 });
    }
  });
});

it('canaries that may not be watched are followed to the reason, and not for ever', { timeout: 20_000 }, async (t) => {
  const { cluster } = await clusterOf(t, ({ searchParams }) =>
    searchParams.has('watch') ? failure(403, 'Forbidden', 'jane cannot watch') : listOf(['a', 'b']),
  );
  const told: string[] = [];
  const following = followCanaries(cluster, { names: ['b'] }, { clock: systemClock, signal }, ({ metadata }) =>
    told.push(metadata.name),
  );
  await assert.rejects(following, { status: 403, message: /jane cannot watch/ });
  assert.deepEqual(told, ['b']);
});
