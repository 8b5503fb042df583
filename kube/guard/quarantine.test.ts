import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Death } from './death.ts';
import { Quarantine } from './quarantine.ts';
import { quarantineRecord, quarantineText } from './quarantine-record.ts';

const MINUTE = 60_000;
const NOW = 1_000_000_000;
let ids = 0;

const died = (keys: readonly string[], more: Partial<Death> = {}): Death => ({
  ...{ id: `process-${++ids}`, at: NOW, reason: 'hang' as const },
  keys: keys.map((key) => ({ key, survived: key.startsWith('old/') ? 5 : 0 })),
  ...more,
});
const generation = () => 1;

describe('Quarantine', () => {
  it('holds back what was worked on at a death, and tries first what had been worked on well before', () => {
    const quarantine = new Quarantine();
    quarantine.judge(died(['a/poison', 'old/release']), NOW);
    assert.deepEqual(
      [quarantine.holds('a/poison'), quarantine.holds('old/release'), quarantine.holds('a/b')],
      [true, true, false],
    );
    assert.deepEqual(quarantine.next(NOW, generation), { key: 'old/release', at: NOW });
    quarantine.begin({ key: 'old/release', id: 'us' });
    quarantine.cleared();
    assert.equal(quarantine.holds('old/release'), false);
    assert.deepEqual(quarantine.next(NOW, generation), { key: 'a/poison', at: NOW });
  });

  it('convicts the key on trial alone, for 1, 2, 4 ... minutes and an hour at most', () => {
    const quarantine = new Quarantine();
    quarantine.judge(died(['a/poison']), NOW);
    const waits = Array.from({ length: 8 }, () => {
      const [suspect] = quarantine.judge(died(['a/other'], { trial: 'a/poison' }), NOW);
      return ((suspect?.due ?? 0) - NOW) / MINUTE;
    });
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    assert.equal(quarantine.holds('a/other'), false);
  });

  it('accuses of two deaths what they have in common', () => {
    const quarantine = new Quarantine();
    quarantine.judge(died(['a/poison', 'b/release']), NOW);
    for (const key of ['b/release', 'a/poison']) {
      quarantine.begin({ key, id: 'us' });
      quarantine.cleared();
    }
    quarantine.judge(died(['a/poison', 'c/release']), NOW);
    assert.deepEqual(
      ['a/poison', 'b/release', 'c/release'].map((key) => quarantine.holds(key)),
      [true, false, false],
    );
  });

  it('has a release wait for nothing more once another key is convicted that was accused of the same deaths', () => {
    const quarantine = new Quarantine();
    for (const second of [0, 1, 2]) {
      quarantine.judge(died(['a/poison', 'old/release'], { at: NOW + second * 1000 }), NOW + second * 1000);
    }
    const later = NOW + 3000;
    const wait = (quarantine.next(later, generation)?.at ?? 0) - later;
    assert.ok(wait > 10_000, `${wait} ms`);
    quarantine.judge(died([], { trial: 'a/poison' }), later);
    assert.deepEqual(quarantine.next(later, generation), { key: 'old/release', at: later });
  });

  it('counts a death once, however often and by whom it is reported', () => {
    const quarantine = new Quarantine();
    const death = died(['a/poison']);
    quarantine.judge(death, NOW);
    const other = new Quarantine(quarantineRecord(quarantineText(quarantine.record)));
    assert.deepEqual(other.judge(death, NOW), []);
    assert.deepEqual(other.record, quarantine.record);
  });

  it('convicts whom a leader had on trial that was never heard of again, and nobody for its own trial', () => {
    const quarantine = new Quarantine();
    quarantine.judge(died(['a/poison']), NOW);
    quarantine.begin({ key: 'a/poison', id: 'them', generation: 3 });
    assert.deepEqual(quarantine.judgeOpenTrial('them', NOW), []);
    const [suspect] = quarantine.judgeOpenTrial('us', NOW);
    assert.deepEqual([suspect?.key, suspect?.convictions], ['a/poison', 1]);
    assert.deepEqual(quarantine.judge(died(['b/c'], { id: 'them' }), NOW), []);
  });

  it('tries an object sooner that was changed since its conviction', () => {
    const quarantine = new Quarantine();
    quarantine.begin({ key: 'a/poison', id: 'them', generation: 3 });
    quarantine.judge(died([], { id: 'them', trial: 'a/poison' }), NOW);
    assert.equal(quarantine.next(NOW, () => 3)?.at, NOW + MINUTE);
    assert.equal(quarantine.next(NOW, () => 4)?.at, NOW + 10_000);
  });

  it('leaves longer and longer gaps between trials where deaths follow each other, five minutes at most', () => {
    const quarantine = new Quarantine();
    const gaps = Array.from({ length: 9 }, (_, index) => {
      quarantine.judge(died([`a/poison-${index}`]), NOW);
      return ((quarantine.next(NOW, generation)?.at ?? 0) - NOW) / 1000;
    });
    assert.deepEqual(gaps, [0, 0, 15, 30, 60, 120, 240, 300, 300]);
  });

  it('works on all keys of a namespace one at a time once three of it are convicted', () => {
    const quarantine = new Quarantine();
    for (const name of ['one', 'two']) quarantine.judge(died([], { trial: `a/${name}` }), NOW);
    assert.equal(quarantine.holds('a/four'), false);
    quarantine.judge(died([], { trial: 'a/three' }), NOW);
    assert.deepEqual([quarantine.holds('a/four'), quarantine.holds('b/four')], [true, false]);
  });

  it('forgets who was cleared an hour ago', () => {
    const quarantine = new Quarantine();
    quarantine.judge(died(['a/b']), NOW);
    quarantine.begin({ key: 'a/b', id: 'us' });
    quarantine.cleared();
    quarantine.forget(NOW + 59 * MINUTE);
    assert.equal(quarantine.suspects.length, 1);
    quarantine.forget(NOW + 61 * MINUTE);
    assert.equal(quarantineText(quarantine.record), undefined);
  });

  it('hands on a bounded record, and reads nothing from what is not one', () => {
    const quarantine = new Quarantine();
    for (let index = 0; index < 500; index++) quarantine.judge(died([`namespace/${'n'.repeat(240)}-${index}`]), NOW);
    const text = quarantineText(quarantine.record) ?? '';
    assert.ok(text.length < 40_000, `${text.length}`);
    assert.equal(quarantineRecord(text).suspects.length, 64);
    for (const odd of ['', 'x', '[]', 'null', '{"suspects":[1,{}],"deaths":["x",-1]}', 'x'.repeat(1e6)]) {
      assert.deepEqual(quarantineRecord(odd).suspects, []);
    }
  });
});
