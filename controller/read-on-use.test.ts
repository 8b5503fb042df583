import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { METRIC_TEMPLATES } from '../api/resources.ts';
import { KubeError } from '../kube/errors.ts';
import { silentLog } from '../kube/log.ts';
import type { KubeObject } from '../kube/object.ts';
import { PretendClock } from '../kube/pretend-clock.ts';
import type { KubeRequest, Transport } from '../kube/transport/transport.ts';
import { startReadOnUse, TooLargeToUse } from './read-on-use.ts';

interface Thing extends KubeObject {
  readonly spec: { readonly query: string };
}

const PATH = '/apis/flagger.app/v1beta1/metrictemplates';
const { signal } = new AbortController();
const thing = (name: string, version: string, query = 'up') => ({
  metadata: { name, namespace: 'test', uid: name, resourceVersion: version, annotations: { large: 'x' } },
  spec: { query },
});

/** Follows things that are changed by hand. */
async function followed(t: TestContext, ...things: readonly ReturnType<typeof thing>[]) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const there = new Map(things.map((each) => [each.metadata.name, each]));
  const asked: KubeRequest[] = [];
  let tell: (event: object) => void = () => undefined;
  const transport: Transport = {
    async request<T>({ accept }: KubeRequest): Promise<T> {
      assert.match(accept ?? '', /PartialObjectMetadataList/);
      const items = [...there.values()].map(({ metadata }) => ({ metadata }));
      return (await Promise.resolve({ metadata: { resourceVersion: '1' }, items })) as T;
    },
    async text(request) {
      asked.push(request);
      const name = String(request.query?.['fieldSelector']).replace('metadata.name=', '');
      const found = there.get(name);
      if (JSON.stringify(found ?? '').length > (request.maxAnswerBytes ?? 0)) {
        throw new KubeError({ status: 0, reason: 'AnswerTooLarge', message: 'larger' });
      }
      return await Promise.resolve(JSON.stringify({ items: found === undefined ? [] : [found] }));
    },
    async *watch<T>() {
      for (;;) yield (await new Promise((resolve) => (tell = resolve as never))) as T as never;
    },
    close: () => undefined,
  };
  const store = startReadOnUse<Thing>({
    ...{ transport, clock: new PretendClock(), log: silentLog, signal: stop.signal, path: PATH },
    resource: METRIC_TEMPLATES,
  });
  await store.synced;
  return {
    ...{ store, asked, there },
    told: async (type: string, object: ReturnType<typeof thing>) => {
      await setImmediate();
      tell({ type, object: { metadata: object.metadata } });
      await setImmediate();
    },
  };
}

describe('startReadOnUse()', () => {
  it('reads an object when it is used, once a version, without its annotations', async (t) => {
    const { store, asked, there, told } = await followed(t, thing('a', '1'), thing('b', '1'));
    assert.deepEqual([store.has('test/a'), store.has('test/c'), asked.length], [true, false, 0]);
    const read = await store.read('test/a', signal);
    assert.deepEqual(read?.spec, { query: 'up' });
    assert.ok(!('annotations' in (read?.metadata ?? {})));
    await store.read('test/a', signal);
    assert.deepEqual(
      asked.map(({ path, query }) => [path, query]),
      [['/apis/flagger.app/v1beta1/namespaces/test/metrictemplates', { fieldSelector: 'metadata.name=a' }]],
    );
    there.set('a', thing('a', '2', 'down'));
    await told('MODIFIED', thing('a', '2'));
    assert.deepEqual((await store.read('test/a', signal))?.spec, { query: 'down' });
    assert.equal(asked.length, 2);
  });

  it('is undefined for what is not there, and asks nobody', async (t) => {
    const { store, asked, there, told } = await followed(t, thing('a', '1'));
    assert.equal(await store.read('test/c', signal), undefined);
    await store.read('test/a', signal);
    there.delete('a');
    await told('DELETED', thing('a', '1'));
    assert.deepEqual([await store.read('test/a', signal), asked.length], [undefined, 1]);
  });

  it('says so of an object that is too large to use', async (t) => {
    const { store } = await followed(t, thing('a', '1', 'x'.repeat(300_000)));
    await assert.rejects(store.read('test/a', signal), (error) => {
      assert.ok(error instanceof TooLargeToUse);
      assert.match(
        error.message,
        /^MetricTemplate test\/a is larger than 256 kB: leave out of it, and of its annotations/,
      );
      return true;
    });
  });

  it('keeps no more than 4 MiB of what was used, and what was used last', async (t) => {
    const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
    const { store, asked } = await followed(t, ...names.map((name) => thing(name, '1', 'x'.repeat(200_000))));
    for (const name of names) {
      await store.read(`test/${name}`, signal);
      await store.read('test/n0', signal);
    }
    assert.equal(asked.length, 30);
    await store.read('test/n1', signal);
    await store.read('test/n29', signal);
    assert.equal(asked.length, 31);
  });
});
