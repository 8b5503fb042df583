import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { PretendClock } from '../../kube/pretend-clock.ts';
import { settled } from '../../kube/stepping-clock.ts';
import { createOutgoingLimit, TooManyCalls } from './outgoing-limit.ts';

function limitOf(total: number) {
  const limit = createOutgoingLimit({ total });
  const clock = new PretendClock();
  const { signal } = new AbortController();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  /** Asks for turns, and notes those that begin. */
  function ask(namespace: string, count = 1, ms = 1000, by = signal): Promise<unknown>[] {
    return Array.from({ length: count }, async () => {
      const end = await limit.acquire(namespace, { clock, signal: by, ms });
      begun.push(namespace);
      ends.push(end);
    });
  }
  return { limit, clock, begun, ends, ask };
}

const counts = (begun: readonly string[]) =>
  Object.fromEntries([...new Set(begun)].map((each) => [each, begun.filter((other) => other === each).length]));

describe('createOutgoingLimit()', () => {
  it('gives a namespace a quarter at most', async () => {
    const { limit, begun, ask, ends } = limitOf(16);
    void ask('a', 20);
    await settled();
    assert.deepEqual([counts(begun), limit.underWay, limit.waiting], [{ a: 4 }, 4, 16]);
    ends[0]?.();
    ends[0]?.();
    await settled();
    assert.deepEqual([counts(begun), limit.underWay], [{ a: 5 }, 4]);
  });

  it('keeps the last quarter for namespaces that have none under way', async () => {
    const { limit, begun, ask } = limitOf(16);
    for (const namespace of ['a', 'b', 'c', 'd']) void ask(namespace, 20);
    await settled();
    assert.deepEqual(counts(begun), { a: 4, b: 4, c: 4, d: 1 });
    void ask('e', 2);
    await settled();
    assert.deepEqual([counts(begun), limit.underWay], [{ a: 4, b: 4, c: 4, d: 1, e: 1 }, 14]);
  });

  it('is used up to the last, and not beyond', async () => {
    const { limit, ask } = limitOf(16);
    for (let index = 0; index < 40; index++) void ask(`n${index}`, 5);
    await settled();
    assert.equal(limit.underWay, 16);
  });

  it('has the namespace with the fewest under way go next', async () => {
    const { begun, ask, ends } = limitOf(16);
    for (const namespace of ['a', 'b', 'c', 'd']) void ask(namespace, 20);
    await settled();
    assert.deepEqual(counts(begun), { a: 4, b: 4, c: 4, d: 1 });
    // Of a, which has waited for longer and has two left then.
    for (const end of ends.slice(0, 2)) end();
    await settled();
    assert.deepEqual(counts(begun), { a: 4, b: 4, c: 4, d: 2 });
  });

  it('gives up a wait at its time, with whose calls are too many', async () => {
    const { limit, clock, ask, ends } = limitOf(4);
    void ask('a');
    await settled();
    const [late] = ask('a', 1, 500);
    const refused = assert.rejects(late ?? Promise.resolve(), (error) => {
      assert.ok(error instanceof TooManyCalls);
      assert.match(
        error.message,
        /^too many calls are under way, 1 of namespace a, its part, and no turn came in time: /,
      );
      return true;
    });
    clock.advance(500);
    await refused;
    assert.equal(limit.waiting, 0);
    ends[0]?.();
    assert.deepEqual([limit.underWay, clock.pending], [0, 0]);
  });

  it('keeps no more than a thousand of a namespace waiting', async () => {
    const { limit, ask } = limitOf(4);
    const all = ask('a', 1002);
    await assert.rejects(all.at(-1) ?? Promise.resolve(), TooManyCalls);
    assert.equal(limit.waiting, 1000);
    void ask('b');
    await settled();
    assert.equal(limit.underWay, 2);
  });

  it('lets go of a wait whose signal aborts, and of its listener', async () => {
    const { limit, clock, ask, ends } = limitOf(4);
    const leaving = new AbortController();
    void ask('a');
    const [waiting] = ask('a', 1, 1000, leaving.signal);
    await settled();
    leaving.abort(new Error('the canary is gone'));
    await assert.rejects(waiting ?? Promise.resolve(), /the canary is gone/);
    assert.deepEqual([limit.waiting, clock.pending, getEventListeners(leaving.signal, 'abort').length], [0, 0, 0]);
    ends[0]?.();
    assert.equal(limit.underWay, 0);
  });
});
