import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { createTurns } from './turns.ts';

/** Lets the promises that were resolved reach those who wait for them. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
const never = new AbortController().signal;

/** Work that ends when it is told to. */
function workshop() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    started,
    work: (name: string) => () => {
      started.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    },
    end: (name: string) => ends.get(name)?.(),
  };
}

describe('turns', () => {
  it('are given to so many at a time, to the others in the order in which they came', async () => {
    const turns = createTurns(2);
    const { started, work, end } = workshop();
    const all = ['a', 'b', 'c', 'd'].map((name) => turns.take(never, work(name)));
    await settle();
    assert.deepEqual(started, ['a', 'b']);
    end('b');
    await settle();
    assert.deepEqual(started, ['a', 'b', 'c']);
    end('a');
    await settle();
    end('c');
    end('d');
    assert.deepEqual(await Promise.all(all), ['a', 'b', 'c', 'd']);
    assert.deepEqual(started, ['a', 'b', 'c', 'd']);
  });

  it('are passed on by work that fails', async () => {
    const turns = createTurns(1);
    await assert.rejects(
      turns.take(never, () => Promise.reject(new Error('failed'))),
      /failed/,
    );
    assert.equal(await turns.take(never, () => Promise.resolve(1)), 1);
  });

  it('are not waited for any more once the signal aborts, and go to the next', async () => {
    const turns = createTurns(1);
    const { started, work, end } = workshop();
    const controller = new AbortController();
    const first = turns.take(never, work('a'));
    const second = turns.take(controller.signal, work('b'));
    const third = turns.take(controller.signal, work('c'));
    const last = turns.take(never, work('d'));
    controller.abort(new Error('stop'));
    await assert.rejects(second, /stop/);
    await assert.rejects(third, /stop/);
    await assert.rejects(turns.take(controller.signal, work('e')), /stop/);
    end('a');
    await settle();
    end('d');
    assert.deepEqual(await Promise.all([first, last]), ['a', 'd']);
    assert.deepEqual(started, ['a', 'd']);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  });

  it('are all there again after much use', async () => {
    const turns = createTurns(3);
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => {
        const controller = new AbortController();
        if (index % 3 === 0) setImmediate(() => controller.abort());
        return turns
          .take(controller.signal, async () => {
            running++;
            most = Math.max(most, running);
            await settle();
            running--;
          })
          .catch(() => undefined);
      }),
    );
    assert.deepEqual([most, running], [3, 0]);
    const { started, work } = workshop();
    for (const name of ['a', 'b', 'c', 'd']) void turns.take(never, work(name));
    await settle();
    assert.deepEqual(started, ['a', 'b', 'c']);
  });
});
