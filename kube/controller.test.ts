import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ControllerOptions, type Outcome, type Reconcile, startController, TerminalError } from './controller.ts';
import { KubeError } from './errors.ts';
import { type Log, silentLog } from './log.ts';
import { PretendClock } from './pretend-clock.ts';
import { WorkQueue } from './work-queue.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const conflict = new KubeError({ status: 409, reason: 'Conflict', message: 'written meanwhile' });

function errorLog(error: Log['error']): Log {
  const log: Log = { ...silentLog, error, child: () => log };
  return log;
}

function start(reconcile: Reconcile, more: Partial<ControllerOptions> = {}) {
  const clock = new PretendClock();
  const queue = new WorkQueue({ clock });
  const stop = new AbortController();
  const outcomes: Outcome[] = [];
  const errors: string[] = [];
  const controller = startController({
    name: 'test',
    queue,
    reconcile,
    signal: stop.signal,
    clock,
    log: errorLog((_, message) => errors.push(message)),
    allKeys: () => [],
    metrics: { reconciled: (outcome) => outcomes.push(outcome) },
    ...more,
  });
  return { clock, queue, controller, outcomes, errors, stop: () => stop.abort() };
}

/** Answers one after another, the last for ever. */
function answers(...each: readonly (() => ReturnType<Reconcile>)[]): Reconcile & { calls: string[] } {
  const calls: string[] = [];
  const reconcile = (key: string) => {
    calls.push(key);
    return (each[calls.length - 1] ?? each.at(-1)!)();
  };
  return Object.assign(reconcile, { calls });
}

const done = () => Promise.resolve({ kind: 'done' as const });
const again = (afterMs: number) => () => Promise.resolve({ kind: 'again' as const, afterMs });
const fails = (reason: Error) => () => Promise.reject(reason);

/** Not a millisecond before, and then once. */
async function assertNextCallAfter(ms: number, { calls }: { calls: string[] }, clock: PretendClock): Promise<void> {
  const before = calls.length;
  clock.advance(ms - 1);
  await settle();
  assert.equal(calls.length, before);
  clock.advance(1);
  await settle();
  assert.equal(calls.length, before + 1);
}

describe('startController()', () => {
  it('calls reconcile for each key, also for those that came before it started', async () => {
    const reconcile = answers(done);
    const { queue, outcomes, stop } = start(reconcile);
    queue.add('a');
    queue.add('b');
    await settle();
    assert.deepEqual(reconcile.calls, ['a', 'b']);
    assert.deepEqual(outcomes, ['done', 'done']);
    stop();
  });

  it('calls again after the time that a reconcile asks for', async () => {
    const reconcile = answers(again(5000), done);
    const { clock, queue, stop } = start(reconcile);
    queue.add('a');
    await settle();
    await assertNextCallAfter(5000, reconcile, clock);
    stop();
  });

  it('retries what failed after 1, 2, 4 seconds, and from 1 again once it has succeeded', async () => {
    const failure = fails(new Error('no'));
    const reconcile = answers(failure, failure, failure, done, failure, done);
    const { clock, queue, errors, stop } = start(reconcile);
    queue.add('a');
    for (const seconds of [1, 2, 4]) {
      await settle();
      await assertNextCallAfter(seconds * 1000, reconcile, clock);
    }
    queue.add('a');
    await settle();
    clock.advance(1000);
    await settle();
    assert.equal(reconcile.calls.length, 6);
    assert.deepEqual(new Set(errors), new Set(['reconcile failed, trying again']));
    stop();
  });

  it('waits as long as the server asked', async () => {
    const busy = new KubeError({ status: 429, reason: 'TooManyRequests', message: 'busy', retryAfterMs: 7000 });
    const reconcile = answers(fails(busy), done);
    const { clock, queue, stop } = start(reconcile);
    queue.add('a');
    await settle();
    await assertNextCallAfter(7000, reconcile, clock);
    stop();
  });

  it('retries a conflict without an alarm, and a terminal error only after a change', async () => {
    const reconcile = answers(fails(conflict), fails(new TerminalError('no such metric')), done);
    const { clock, queue, outcomes, errors, stop } = start(reconcile);
    queue.add('a');
    await settle();
    assert.deepEqual(errors, []);
    clock.advance(1000);
    await settle();
    assert.deepEqual(errors, ['reconcile failed, and waits for a change']);
    clock.advance(300_000);
    await settle();
    assert.equal(reconcile.calls.length, 2);
    queue.add('a');
    await settle();
    assert.deepEqual(outcomes, ['conflict', 'terminal', 'done']);
    stop();
  });

  it('survives a reconcile that throws before it returns a promise', async () => {
    const reconcile = answers(() => {
      throw new TypeError('undefined is not a function');
    }, done);
    const { clock, queue, outcomes, stop } = start(reconcile);
    queue.add('a');
    await settle();
    clock.advance(1000);
    await settle();
    assert.deepEqual(outcomes, ['error', 'done']);
    stop();
  });

  it('aborts a call at its deadline, and keeps its key until it has ended', async () => {
    const signals: AbortSignal[] = [];
    let end: (() => void) | undefined;
    const stubborn: Reconcile = (_, { signal }) => {
      signals.push(signal);
      return new Promise((resolve) => (end = () => resolve({ kind: 'done' })));
    };
    const { clock, queue, stop } = start(stubborn, { deadlineMs: 1000 });
    queue.add('a');
    await settle();
    clock.advance(1000);
    queue.add('a');
    await settle();
    assert.equal(signals[0]?.aborted, true);
    assert.equal(signals.length, 1);
    end?.();
    await settle();
    assert.equal(signals.length, 2);
    assert.equal(signals[1]?.aborted, false);
    end?.();
    stop();
  });

  it('says that a deadline was missed, whatever the call then throws', async () => {
    const seen: unknown[] = [];
    const obedient: Reconcile = (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('socket hang up'))));
    const log = errorLog((fields) => seen.push((fields as { err: Error }).err.message));
    const { clock, queue, stop } = start(obedient, { deadlineMs: 1000, log });
    queue.add('a');
    await settle();
    clock.advance(1000);
    await settle();
    assert.deepEqual(seen, ['no answer within 1000 ms']);
    stop();
  });

  it('runs so many calls side by side and no more, and never two for one key', async () => {
    const running = new Map<string, () => void>();
    let most = 0;
    const reconcile: Reconcile = (key) => {
      assert.ok(!running.has(key), key);
      most = Math.max(most, running.size + 1);
      return new Promise((resolve) =>
        running.set(key, () => {
          running.delete(key);
          resolve({ kind: 'done' });
        }),
      );
    };
    const { queue, outcomes, stop } = start(reconcile, { workers: 3 });
    for (const key of ['a', 'b', 'c', 'd', 'e', 'a', 'b']) queue.add(key);
    await settle();
    assert.deepEqual([...running.keys()], ['a', 'b', 'c']);
    queue.add('a');
    while (outcomes.length < 6) {
      running.values().next().value?.();
      await settle();
    }
    assert.equal(most, 3);
    stop();
  });

  it('goes on with other keys while calls do not end, counts those, and says once that only a new process helps', async () => {
    const calls: string[] = [];
    const told: (readonly string[])[] = [];
    const counts: number[] = [];
    const reconcile: Reconcile = (key) => {
      calls.push(key);
      return key.startsWith('stuck') ? new Promise(() => undefined) : Promise.resolve({ kind: 'done' });
    };
    const { clock, queue, controller, stop } = start(reconcile, {
      workers: 2,
      onStuck: (keys) => told.push(keys),
      metrics: { reconciled: () => undefined, stuck: (count) => counts.push(count) },
    });
    for (const key of ['stuck/a', 'stuck/b', 'b']) queue.add(key);
    await settle();
    assert.equal(calls.length, 2);
    clock.advance(10_000);
    await settle();
    assert.deepEqual(calls.toSorted(), ['b', 'stuck/a', 'stuck/b']);
    queue.add('stuck/a');
    clock.advance(60_000);
    await settle();
    assert.equal(calls.length, 3);
    assert.deepEqual([told, counts], [[['stuck/a', 'stuck/b']], [1, 2]]);
    stop();
    await settle();
    clock.advance(1000);
    await controller.ended;
  });

  it('lets as many slow calls run beside the others as three for each worker, and no more', async () => {
    let running = 0;
    const reconcile: Reconcile = () => {
      running++;
      return new Promise(() => undefined);
    };
    const { clock, queue, stop } = start(reconcile, { workers: 2 });
    for (let index = 0; index < 50; index++) queue.add(`key-${index}`);
    for (let seconds = 0; seconds < 100; seconds += 5) {
      await settle();
      clock.advance(5000);
    }
    assert.equal(running, 8);
    stop();
  });

  it('asks its guard before each call, and leaves out a key that must not be worked on now', async () => {
    const reconcile = answers(done);
    const ended: string[] = [];
    const guard = { begin: (key: string) => (key === 'held' ? undefined : () => void ended.push(key)) };
    const { queue, outcomes, stop } = start(reconcile, { guard });
    for (const key of ['held', 'a', 'held']) queue.add(key);
    await settle();
    assert.deepEqual([reconcile.calls, ended, outcomes], [['a'], ['a'], ['done']]);
    stop();
  });

  it('calls for all keys once in a while', async () => {
    const reconcile = answers(done);
    const { clock, stop } = start(reconcile, { allKeys: () => ['a', 'b'], resyncMs: 1000, random: () => 1 });
    await settle();
    clock.advance(1499);
    await settle();
    assert.deepEqual(reconcile.calls, []);
    clock.advance(1);
    await settle();
    assert.deepEqual(reconcile.calls, ['a', 'b']);
    stop();
  });

  it('drains: takes nothing new, lets what runs end, and leaves no timer', async () => {
    let end: (() => void) | undefined;
    const calls: string[] = [];
    const slow: Reconcile = (key, { signal }) => {
      calls.push(key);
      return new Promise((resolve) => (end = () => resolve({ kind: signal.aborted ? 'done' : 'again', afterMs: 9 })));
    };
    const { clock, queue, controller, outcomes } = start(slow, { workers: 1 });
    queue.add('a');
    queue.add('b');
    await settle();
    const drained = controller.drain(20_000);
    await settle();
    end?.();
    await drained;
    assert.deepEqual(calls, ['a']);
    assert.deepEqual(outcomes, ['again']);
    assert.equal(clock.pending, 0);
  });

  it('aborts what has not ended when the time to drain is over', async () => {
    const obedient: Reconcile = (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const { clock, queue, controller, outcomes, errors } = start(obedient);
    queue.add('a');
    await settle();
    const drained = controller.drain(20_000);
    await settle();
    clock.advance(20_000);
    await drained;
    assert.deepEqual(outcomes, ['error']);
    assert.deepEqual(errors, []);
    assert.equal(clock.pending, 0);
  });

  it('ends at once when its signal aborts, also one that has aborted before', async () => {
    const { queue, controller, clock, stop } = start(answers(done));
    stop();
    await controller.ended;
    queue.add('a');
    assert.equal(queue.depth, 0);
    assert.equal(clock.pending, 0);
    await start(answers(done), { signal: AbortSignal.abort() }).controller.ended;
  });
});
