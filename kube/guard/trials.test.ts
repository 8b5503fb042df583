import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DEATHS_ANNOTATION, QUARANTINE_ANNOTATION } from '../../api/keys.ts';
import { type Reconcile, startController } from '../controller.ts';
import type { Annotations } from '../leader-election/lease.ts';
import { silentLog } from '../log.ts';
import { SteppingClock } from '../stepping-clock.ts';
import { WorkQueue } from '../work-queue.ts';
import type { Death } from './death.ts';
import { Marks } from './marks.ts';
import { deathsText, type Suspect } from './quarantine-record.ts';
import { Trials } from './trials.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubectl-canary-trials-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let leaders = 0;

/** A leader that works on keys, with a Lease that holds what it publishes. */
function leading(lease: { annotations: Annotations }, reconcile: Reconcile, keys: readonly string[]) {
  const clock = new SteppingClock();
  const stop = new AbortController();
  const suspects: Suspect[] = [];
  const queue = new WorkQueue({ clock });
  const id = `leader-${++leaders}`;
  const marks = new Marks({
    ...{ path: join(folder, id), id, slots: 16, now: () => clock.date().getTime() },
    onUnwritable: (error) => assert.fail(String(error)),
  });
  const onSuspect = (suspect: Suspect) => void suspects.push(suspect);
  const trials = new Trials({ marks, queue, clock, log: silentLog, generationOf: () => 1, onSuspect });
  for (const key of keys) queue.add(key);
  trials.adopt(lease.annotations);
  startController({
    ...{ name: 'test', queue, reconcile, clock, log: silentLog, signal: stop.signal, guard: trials, workers: 2 },
    allKeys: () => [],
  });
  const publish = () => {
    lease.annotations = trials.carry(lease.annotations);
    return Promise.resolve(true);
  };
  void trials.run(publish, stop.signal);
  return { clock, queue, trials, marks, suspects, stop, publish };
}

const death = (keys: readonly string[], id = 'dead', trial?: string): Death => ({
  ...{ id, at: Date.UTC(2026, 0), reason: 'crash' as const, keys: keys.map((key) => ({ key, survived: 0 })) },
  ...(trial !== undefined && { trial }),
});

const reported = (...deaths: readonly Death[]) => ({ annotations: { [DEATHS_ANNOTATION]: deathsText(deaths) ?? '' } });

describe('Trials', () => {
  it('work on every other key first, then on one suspect at a time, and clear who comes through', async () => {
    const calls: string[] = [];
    let running = 0;
    const lease: { annotations: Annotations } = reported(death(['a/one', 'a/two']));
    const reconcile: Reconcile = async (key) => {
      const isSuspect = key === 'a/one' || key === 'a/two';
      if (isSuspect && !calls.includes(key)) {
        running++;
        assert.equal(running, 1);
        assert.match(lease.annotations[QUARANTINE_ANNOTATION] ?? '', new RegExp(`"trial":{"key":"${key}"`));
        await new Promise<void>((resolve) => clock.after(500, resolve));
        running--;
      }
      calls.push(key);
      return { kind: 'done' };
    };
    const { clock, trials, suspects } = leading(lease, reconcile, ['a/one', 'b/one', 'a/two', 'b/two']);
    await clock.pass(10_000);
    assert.deepEqual(calls.slice(0, 3), ['b/one', 'b/two', 'a/one']);
    assert.deepEqual(new Set(calls), new Set(['a/one', 'a/two', 'b/one', 'b/two']));
    assert.deepEqual(
      suspects.map(({ key, deaths }) => [key, deaths]),
      [
        ['a/one', 1],
        ['a/two', 1],
      ],
    );
    assert.deepEqual(trials.suspects, []);
    assert.equal(lease.annotations[DEATHS_ANNOTATION], undefined);
  });

  it('hold a convicted key back for a minute, whatever happens to its object, and work on all others', async () => {
    const calls: string[] = [];
    const reconcile: Reconcile = (key) => {
      calls.push(key);
      return Promise.resolve({ kind: 'done' });
    };
    const { clock, queue, trials } = leading(reported(death([], 'dead', 'a/poison')), reconcile, ['a/poison', 'b/one']);
    for (let second = 0; second < 55; second++) {
      queue.add('a/poison');
      queue.add('b/one');
      await clock.pass(1000);
    }
    assert.deepEqual([calls.filter((key) => key === 'a/poison').length, trials.suspects.length], [0, 1]);
    assert.ok(calls.filter((key) => key === 'b/one').length >= 50);
    await clock.pass(10_000);
    assert.ok(calls.includes('a/poison'));
  });

  it('convict whom a leader had on trial that never came back', async () => {
    const lease: { annotations: Annotations } = reported(death(['a/poison']));
    const never: Reconcile = (key) =>
      key === 'a/poison' ? new Promise(() => undefined) : Promise.resolve({ kind: 'done' });
    const first = leading(lease, never, ['a/poison', 'b/one']);
    await first.clock.pass(5000);
    const second = leading(lease, never, ['a/poison', 'b/one']);
    await second.clock.pass(1000);
    const told = [
      ['a/poison', 0],
      ['a/poison', 1],
    ];
    assert.deepEqual(
      second.suspects.map(({ key, convictions }) => [key, convictions]),
      told,
    );
    // The dead process comes back and says the same: that is no second death.
    lease.annotations = { ...lease.annotations, ...reported(death([], first.marks.id, 'a/poison')).annotations };
    await second.publish();
    assert.equal(second.suspects.length, told.length);
  });

  it('convict whom a leader had on trial whose call had just ended, and nobody else that was worked on', async () => {
    const calls: string[] = [];
    const reconcile: Reconcile = (key) => {
      calls.push(key);
      return Promise.resolve({ kind: 'done' });
    };
    const { clock, queue, marks, trials, suspects } = leading(reported(death(['a/poison'])), reconcile, ['a/poison']);
    while (!calls.includes('a/poison')) {
      queue.add('b/one');
      await clock.pass(100);
    }
    trials.judge(marks.dies('crash'));
    assert.deepEqual(
      suspects.map(({ key, convictions }) => [key, convictions]),
      [
        ['a/poison', 0],
        ['a/poison', 1],
      ],
    );
  });

  it('convict whom a leader has on trial, and not whom it has just cleared and works on again', async () => {
    const lease: { annotations: Annotations } = reported(death(['a/innocent', 'b/poison']));
    let judge: (() => void) | undefined;
    let rounds = 0;
    const reconcile: Reconcile = (key) => {
      if (key === 'b/poison') judge?.();
      // It has more to do as soon as it is cleared.
      else if (rounds++ < 3) clock.after(300, () => queue.add(key));
      return Promise.resolve({ kind: 'done' });
    };
    const { clock, queue, marks, trials, suspects } = leading(lease, reconcile, ['a/innocent', 'b/poison']);
    judge = () => {
      judge = undefined;
      trials.judge(marks.dies('crash'));
    };
    await clock.pass(5000);
    assert.deepEqual(
      suspects.filter(({ convictions }) => convictions > 0).map(({ key }) => key),
      ['b/poison'],
    );
  });

  it('tell of whom the leader before accused, as that one may have had no time to', async () => {
    const lease: { annotations: Annotations } = { annotations: {} };
    const done: Reconcile = () => Promise.resolve({ kind: 'done' });
    const first = leading(lease, done, []);
    first.trials.judge(death(['a/poison'], first.marks.id));
    await first.publish();
    const second = leading(lease, done, []);
    assert.deepEqual(
      second.suspects.map(({ key }) => key),
      ['a/poison'],
    );
  });

  it('convict nobody of a leader that was asked to end in the middle of a trial', async () => {
    const lease: { annotations: Annotations } = reported(death(['a/slow']));
    const never: Reconcile = () => new Promise(() => undefined);
    const first = leading(lease, never, ['a/slow']);
    await first.clock.pass(5000);
    first.stop.abort();
    await first.clock.pass(0);
    await first.publish();
    const second = leading(lease, never, []);
    assert.deepEqual(
      second.suspects.filter(({ convictions }) => convictions > 0),
      [],
    );
    assert.deepEqual(
      second.trials.suspects.map(({ key, convictions }) => [key, convictions]),
      [['a/slow', 0]],
    );
  });
});
