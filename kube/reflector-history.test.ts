import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KubeError } from './errors.ts';
import { silentLog } from './log.ts';
import { type KubeObject, objectKey } from './object.ts';
import { PretendClock } from './pretend-clock.ts';
import { startReflector } from './reflector.ts';
import type { Transport } from './transport/transport.ts';
import type { WatchEvent } from './transport/watch-events.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const fault = (status: number, reason: string) => new KubeError({ status, reason, message: reason });

const TYPE = { apiVersion: 'v1', kind: 'Thing' };

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** How a watch ends: after so many events, cleanly or with an error. */
interface Cut {
  readonly afterEvents: number;
  readonly how: 'clean' | 'broken' | 'expired' | 'bookmark, then clean';
}

/** What of an API server a reflector can tell, with a list of all changes ever as its storage. */
class ModelServer {
  readonly changes: Change[] = [];
  /** Requests that will fail, and cuts of the watches to come. */
  readonly refusals: number[] = [];
  readonly cuts: Cut[] = [];
  /** How many changes there had been at the moment of the last full list. */
  listedAt = 0;
  listing = false;
  /** From before this one nothing can be watched; what is under way goes on. */
  #oldest = 0;
  #wake: (() => void)[] = [];

  readonly transport: Transport = {
    request: (request) => this.#slowly(() => this.#list(request) as never),
    text: () => Promise.reject(new Error('not used')),
    watch: (request) => this.#watch(request) as AsyncIterable<WatchEvent<never>>,
    close: () => undefined,
  };

  write(name: string, remove: boolean): void {
    const last = this.changes.findLast(({ object }) => object.metadata.name === name);
    const exists = last !== undefined && last.type !== 'DELETED';
    if (remove && !exists) return;
    const uid = exists ? last.object.metadata.uid : `${name}-${this.changes.length}`;
    const metadata = { name, uid, resourceVersion: versionOf(this.changes.length + 1) };
    this.changes.push({ type: remove ? 'DELETED' : exists ? 'MODIFIED' : 'ADDED', object: { ...TYPE, metadata } });
    this.wake();
  }

  expire(): void {
    this.#oldest = this.changes.length;
  }

  /** Something is still to go wrong. */
  get isTroubled(): boolean {
    return this.refusals.length + this.cuts.length > 0;
  }

  wake(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  contents(until = this.changes.length): Map<string, KubeObject> {
    const objects = new Map<string, KubeObject>();
    for (const { type, object } of this.changes.slice(0, until)) {
      if (type === 'DELETED') objects.delete(objectKey(object));
      else objects.set(objectKey(object), object);
    }
    return objects;
  }

  /** Pages of two; all pages of a list are of the moment of the first. */
  #list({ query }: Parameters<Transport['request']>[0]): object {
    this.#refuse();
    const [from, at] = String(query?.['continue'] ?? `0 ${this.changes.length}`)
      .split(' ')
      .map(Number) as [number, number];
    if (at < this.#oldest) throw fault(410, 'Expired');
    const objects = [...this.contents(at).values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const more = from + 2 < objects.length ? { continue: `${from + 2} ${at}` } : {};
    if (!('continue' in more)) this.listedAt = at;
    const metadata = { resourceVersion: versionOf(at), ...more };
    return { apiVersion: 'v1', kind: 'ThingList', metadata, items: objects.slice(from, from + 2) };
  }

  async *#watch({ query, signal }: Parameters<Transport['watch']>[0]): AsyncGenerator<WatchEvent<KubeObject>> {
    await Promise.resolve();
    this.#refuse();
    let at = [...this.changes, 'the last'].findIndex((_, index) => versionOf(index) === query?.['resourceVersion']);
    if (at === -1) throw fault(400, 'BadRequest');
    if (at < this.#oldest) throw fault(410, 'Expired');
    let cut: Cut | undefined;
    for (let sent = 0; ; ) {
      cut ??= this.cuts.shift();
      if (signal.aborted) throw fault(0, 'Aborted');
      if (cut !== undefined && sent >= cut.afterEvents) {
        if (cut.how === 'broken') throw fault(0, 'BadAnswer');
        if (cut.how === 'expired') throw fault(410, 'Expired');
        const resourceVersion = versionOf(at);
        if (cut.how !== 'clean') yield { type: 'BOOKMARK', object: { metadata: { resourceVersion } } as KubeObject };
        return;
      }
      const change = this.changes[at];
      if (change === undefined) await new Promise<void>((resolve) => this.#wake.push(resolve));
      else {
        at++;
        sent++;
        yield change;
      }
    }
  }

  /** Leaves the time for something to happen between one page and the next. */
  async #slowly<T>(answer: () => T): Promise<T> {
    this.listing = true;
    await settle();
    this.listing = false;
    return answer();
  }

  #refuse(): void {
    const status = this.refusals.shift();
    if (status !== undefined) throw fault(status, 'Refused');
  }
}

/** A different text for each, that neither grows nor has one length. */
function versionOf(change: number): string {
  return String((change * 7919) % 10_007);
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      remove: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 6000 }) }) },
  fc.record({ do: fc.constant('expire' as const) }),
  fc.record({ do: fc.constant('refuse' as const), status: fc.constantFrom(0, 401, 410, 429, 500) }),
  fc.record({
    do: fc.constant('cut' as const),
    afterEvents: fc.nat(3),
    how: fc.constantFrom('clean' as const, 'broken' as const, 'expired' as const, 'bookmark, then clean' as const),
  }),
);

type Told = readonly [key: string, object: KubeObject | undefined, before: KubeObject | undefined];

describe('startReflector()', () => {
  it('ends at what the server has, each key in order, and misses no state but in a gap, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const server = new ModelServer();
        const clock = new PretendClock();
        const stop = new AbortController();
        const told: Told[] = [];
        let toldByList = 0;
        const reflector = startReflector({
          ...{ transport: server.transport, path: '/things', clock, log: silentLog, signal: stop.signal },
          onChange: (...change) => told.push(change),
          metrics: { listed: () => (toldByList = told.length), watchEnded: () => undefined, heard: () => undefined },
        });
        for (const each of steps) {
          if (each.do === 'write') server.write(each.name, each.remove);
          else if (each.do === 'expire') server.expire();
          else if (each.do === 'refuse') server.refusals.push(each.status);
          else if (each.do === 'cut') server.cuts.push(each);
          else {
            clock.advance(each.ms);
            await settle();
          }
        }
        await settle();
        // What was still to go wrong goes wrong, and then nothing more does.
        for (let round = 0; server.isTroubled || server.listing || clock.pending > 0; round++) {
          assert.ok(round < 1000, 'it never comes to rest');
          if (server.refusals.length > 0 && server.cuts.length === 0)
            server.cuts.push({ afterEvents: 0, how: 'clean' });
          server.write('x', server.contents().has('x'));
          clock.advance(30_000);
          await settle();
        }
        stop.abort();
        server.wake();
        await reflector.ended;

        assert.deepEqual(
          new Map([...reflector.values()].map((object) => [objectKey(object), object])),
          server.contents(),
        );
        assertBeforeIsWhatWasTold(told);
        assertInOrder(told, server.changes);
        assertNoneMissing(told.slice(toldByList), server.changes.slice(server.listedAt));
      }),
      { numRuns: 1000 },
    );
  });
});

function assertBeforeIsWhatWasTold(told: readonly Told[]): void {
  const last = new Map<string, KubeObject | undefined>();
  for (const [key, object, before] of told) {
    assert.equal(before, last.get(key));
    last.set(key, object);
  }
}

/** Each state that was told is one that the key had, and a later one than that told before. */
function assertInOrder(told: readonly Told[], changes: readonly Change[]): void {
  const at = new Map<string, number>();
  for (const [key, object] of told) {
    const next = changes.findIndex(
      (change, index) =>
        index > (at.get(key) ?? -1) &&
        objectKey(change.object) === key &&
        (object === undefined
          ? change.type === 'DELETED'
          : change.object.metadata.resourceVersion === object.metadata.resourceVersion),
    );
    assert.notEqual(next, -1, `${key} came out of order`);
    at.set(key, next);
  }
}

/** After the last full list, which was of the moment after so many changes, every change was told. */
function assertNoneMissing(told: readonly Told[], changes: readonly Change[]): void {
  assert.deepEqual(
    told.map(([key, object]) => [key, object?.metadata.resourceVersion]),
    changes.map(({ type, object: { metadata } }) => [
      metadata.name,
      type === 'DELETED' ? undefined : metadata.resourceVersion,
    ]),
  );
}
