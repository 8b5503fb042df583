import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PretendClock } from './pretend-clock.ts';
import { WorkQueue } from './work-queue.ts';

/** Lets the promises that were resolved reach those who wait for them. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** What the queue must do, written as plainly as can be. */
class Model {
  now = 0;
  readonly ready: string[] = [];
  /** Namespaces with keys that wait, `name/`, the one whose turn it is first. */
  readonly turns: string[] = [];
  readonly again = new Set<string>();
  readonly processing: string[] = [];
  readonly due = new Map<string, number>();
  readonly failures = new Map<string, number>();
  readonly taken: string[] = [];
  idleWorkers = 0;

  add(key: string): void {
    if (this.processing.includes(key)) this.again.add(key);
    else if (!this.ready.includes(key)) {
      this.ready.push(key);
      const namespace = key.slice(0, key.indexOf('/') + 1);
      if (!this.turns.includes(namespace)) this.turns.push(namespace);
    }
    this.serve();
  }

  serve(): void {
    while (this.idleWorkers > 0 && this.ready.length > 0) {
      // The first key of the namespace whose turn it is.
      const namespaces = this.turns.filter((each) => this.ready.some((key) => key.startsWith(each)));
      const turn = namespaces[0] ?? '';
      this.turns.splice(this.turns.indexOf(turn), 1);
      const [key = ''] = this.ready.splice(
        this.ready.findIndex((each) => each.startsWith(turn)),
        1,
      );
      if (this.ready.some((each) => each.startsWith(turn))) this.turns.push(turn);
      this.idleWorkers--;
      this.processing.push(key);
      this.taken.push(key);
    }
  }

  addAfter(key: string, ms: number): void {
    this.due.set(key, Math.min(this.due.get(key) ?? Number.POSITIVE_INFINITY, this.now + ms));
  }

  retry(key: string): void {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    this.addAfter(key, Math.min(1000 * 2 ** failures, 300_000));
  }

  /** Keys that fall due at one moment come in any order: the test asks for moments that differ. */
  advance(ms: number): void {
    this.now += ms;
    const fallen = [...this.due].filter(([, due]) => due <= this.now).toSorted(([, a], [, b]) => a - b);
    for (const [key] of fallen) {
      this.due.delete(key);
      this.add(key);
    }
  }

  done(index: number): string | undefined {
    const [key] = this.processing.splice(index % this.processing.length, 1);
    if (key !== undefined && this.again.delete(key)) this.add(key);
    return key;
  }
}

const keys = fc.constantFrom('x/a', 'x/b', 'x/c', 'y/a', 'y/b', 'z/a');
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key: keys }),
  fc.record({ do: fc.constant('addAfter' as const), key: keys, ms: fc.integer({ min: 0, max: 5000 }) }),
  fc.record({ do: fc.constant('retry' as const), key: keys }),
  fc.record({ do: fc.constant('forget' as const), key: keys }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('done' as const), index: fc.nat(3) }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 10_000 }) }),
);

describe('WorkQueue', () => {
  it('does as its model in any order of calls: one worker a key, nothing lost, namespaces in turn, first come first served', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new PretendClock();
        const queue = new WorkQueue({ clock });
        const model = new Model();
        const taken: string[] = [];
        for (const [index, each] of steps.entries()) {
          switch (each.do) {
            case 'add':
              queue.add(each.key);
              model.add(each.key);
              break;
            case 'addAfter': {
              // Moments that never fall together, so that the order is fixed.
              const ms = each.ms + index / 1000;
              queue.addAfter(each.key, ms);
              model.addAfter(each.key, ms);
              break;
            }
            case 'retry':
              clock.advance(1e-6 * (index + 1));
              model.advance(1e-6 * (index + 1));
              queue.retry(each.key);
              model.retry(each.key);
              break;
            case 'forget':
              queue.forget(each.key);
              model.failures.delete(each.key);
              break;
            case 'take':
              void queue.take().then((key) => key !== undefined && taken.push(key));
              model.idleWorkers++;
              model.serve();
              break;
            case 'done': {
              const key = model.processing.length === 0 ? undefined : model.done(each.index);
              if (key !== undefined) queue.done(key);
              break;
            }
            case 'advance':
              clock.advance(each.ms);
              model.advance(each.ms);
              break;
          }
          await settle();
          assert.deepEqual(taken, model.taken);
          assert.equal(queue.depth, model.ready.length);
        }
        queue.close();
        assert.equal(clock.pending, 0);
      }),
      { numRuns: 500 },
    );
  });

  it('loses nothing when many workers share it', async () => {
    const clock = new PretendClock();
    const queue = new WorkQueue({ clock });
    const busy = new Set<string>();
    const seen = new Map<string, number>();
    const worker = async () => {
      for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
        assert.ok(!busy.has(key), `${key} is with two workers`);
        busy.add(key);
        const version = versions.get(key) ?? 0;
        await settle();
        seen.set(key, version);
        busy.delete(key);
        queue.done(key);
      }
    };
    const versions = new Map<string, number>();
    const workers = [worker(), worker(), worker(), worker()];
    for (let change = 0; change < 2000; change++) {
      const key = `key-${change % 17}`;
      versions.set(key, change);
      queue.add(key);
      if (change % 7 === 0) await settle();
    }
    while (queue.depth > 0 || busy.size > 0) await settle();
    // The last change of every key was seen by work that began after it.
    assert.deepEqual(Object.fromEntries(seen), Object.fromEntries(versions));
    queue.close();
    await Promise.all(workers);
  });

  it('pauses 1, 2, 4, ... seconds and five minutes at most, and from the start again once forgotten', () => {
    const queue = new WorkQueue({ clock: new PretendClock() });
    const pauses = Array.from({ length: 11 }, () => queue.retry('a') / 1000);
    assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    queue.forget('a');
    assert.equal(queue.retry('a'), 1000);
  });

  it('has no namespace wait behind the thousands of keys of another', async () => {
    const queue = new WorkQueue({ clock: new PretendClock() });
    for (let index = 0; index < 5000; index++) queue.add(`many/${index}`);
    queue.add('few/a');
    queue.add('few/b');
    const taken = await Promise.all(Array.from({ length: 5 }, () => queue.take()));
    assert.deepEqual(taken, ['many/0', 'few/a', 'many/1', 'few/b', 'many/2']);
  });

  it('gives so many keys of one namespace to workers, and the others of it once those are done', async () => {
    const queue = new WorkQueue({ clock: new PretendClock(), perNamespace: 2 });
    for (const key of ['x/a', 'x/b', 'x/c', 'y/a']) queue.add(key);
    const taken: (string | undefined)[] = [];
    for (let worker = 0; worker < 4; worker++) void queue.take().then((key) => taken.push(key));
    await settle();
    assert.deepEqual(taken, ['x/a', 'y/a', 'x/b']);
    queue.done('x/a');
    await settle();
    assert.deepEqual(taken, ['x/a', 'y/a', 'x/b', 'x/c']);
  });

  it('gives a key that is added all the time so often as its pace allows, and never loses the last change', async () => {
    const clock = new PretendClock();
    const queue = new WorkQueue({ clock, pace: { burst: 5, everyMs: 200 } });
    let calls = 0;
    let [seen, version] = [0, 0];
    void (async () => {
      for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
        calls++;
        seen = version;
        queue.done(key);
      }
    })();
    for (let change = 0; change < 1000; change++) {
      version++;
      queue.add('x/busy');
      clock.advance(10);
      await settle();
    }
    // Ten seconds.
    assert.ok(calls >= 50 && calls <= 56, `${calls}`);
    clock.advance(1000);
    await settle();
    assert.equal(seen, version);
    queue.close();
    assert.equal(clock.pending, 0);
  });

  it('gives undefined to a take whose signal aborts, and the next key to another', async () => {
    const queue = new WorkQueue({ clock: new PretendClock() });
    const abort = new AbortController();
    const [first, second] = [queue.take(abort.signal), queue.take()];
    abort.abort();
    queue.add('a');
    assert.deepEqual(await Promise.all([first, second]), [undefined, 'a']);
    assert.equal(await queue.take(abort.signal), undefined);
  });

  it('takes nothing in and gives nothing out once closed', async () => {
    const clock = new PretendClock();
    const queue = new WorkQueue({ clock });
    queue.add('a');
    queue.addAfter('b', 10);
    const waiting = queue.take();
    const other = queue.take();
    queue.close();
    assert.deepEqual(await Promise.all([waiting, other, queue.take()]), ['a', undefined, undefined]);
    queue.done('a');
    queue.add('c');
    queue.addAfter('d', 10);
    clock.advance(100);
    assert.equal(queue.depth, 0);
    assert.equal(clock.pending, 0);
  });
});
