import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../kube/clock.ts';
import { silentLog } from '../kube/log.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Transport } from '../kube/transport/transport.ts';
import type { WatchEvent } from '../kube/transport/watch-events.ts';
import { startFreshStore } from './fresh-store.ts';

const object = (resourceVersion: string, name = 'a'): KubeObject => ({
  metadata: { namespace: 'ns', name, uid: name, resourceVersion },
});
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A store of objects that are there from the beginning, and a way to have the watch tell of more. */
async function follow(t: TestContext, ...items: readonly KubeObject[]) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  let tell: (event: WatchEvent<KubeObject>) => void = () => undefined;
  const transport = {
    request: () => Promise.resolve({ kind: 'ThingList', metadata: { resourceVersion: '1' }, items }),
    async *watch({ signal }: { signal: AbortSignal }) {
      while (!signal.aborted) {
        yield await new Promise<WatchEvent<KubeObject>>((resolve, reject) => {
          tell = resolve;
          signal.addEventListener('abort', () => reject(new Error('ended')), { once: true });
        });
      }
    },
  } as unknown as Transport;
  const changes: string[] = [];
  const store = startFreshStore<KubeObject>({
    ...{ transport, clock: systemClock, log: silentLog, signal: stop.signal, path: '/apis/example.com/v1/things' },
    onChange: (key) => changes.push(key),
  });
  await store.synced;
  await settle();
  return {
    store,
    changes,
    version: () => store.get('ns/a')?.metadata.resourceVersion,
    tell: async (type: 'ADDED' | 'MODIFIED' | 'DELETED', told: KubeObject) => {
      tell({ type, object: told });
      await settle();
      await settle();
    },
  };
}

describe('a fresh store', () => {
  it('has what was written before the watch tells of it', async (t) => {
    const { store, version, tell } = await follow(t, object('5'));
    store.wrote(object('9'));
    assert.equal(version(), '9');
    // Somebody's write from before ours.
    await tell('MODIFIED', object('7'));
    assert.equal(version(), '9');
    await tell('MODIFIED', object('9'));
    assert.equal(version(), '9');
    await tell('MODIFIED', object('12'));
    assert.equal(version(), '12');
  });

  it('has what was made', async (t) => {
    const { store, version, tell } = await follow(t);
    store.wrote(object('9'));
    assert.equal(version(), '9');
    await tell('ADDED', object('9'));
    assert.equal(version(), '9');
  });

  it('goes by what was told where that is later than the answer to a write', async (t) => {
    const { store, version, tell } = await follow(t, object('5'));
    await tell('MODIFIED', object('10'));
    store.wrote(object('9'));
    assert.equal(version(), '10');
    // As numbers: 10 is after 9.
    await tell('MODIFIED', object('100'));
    store.wrote(object('99'));
    assert.equal(version(), '100');
  });

  it('does not bring back what was deleted since', async (t) => {
    const { store, version, tell } = await follow(t, object('5'));
    store.wrote(object('6'));
    await tell('DELETED', object('8'));
    assert.equal(version(), undefined);
    // The answer to a write that changed nothing, and that the word of the deletion has overtaken.
    store.wrote(object('5'));
    assert.equal(version(), undefined);
    store.wrote(object('11'));
    assert.equal(version(), '11');
  });

  it('believes what is told where versions are no numbers', async (t) => {
    const { store, version, tell } = await follow(t, object('v5'));
    store.wrote(object('v6'));
    assert.equal(version(), 'v5');
    await tell('MODIFIED', object('v7'));
    assert.equal(version(), 'v7');
  });
});
