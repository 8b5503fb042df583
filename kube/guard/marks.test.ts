import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Marks } from './marks.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubectl-canary-marks-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function marked(path: string, id: string, at = { now: 1000 }) {
  const failures: unknown[] = [];
  const marks = new Marks({ path, id, slots: 3, now: () => at.now, onUnwritable: (error) => failures.push(error) });
  return { marks, failures, at };
}

const fresh = () => join(folder, `marks-${++files}`);

describe('Marks', () => {
  it('tells the next process which keys were worked on when this one was killed, and how often they had been before', () => {
    const path = fresh();
    const { marks } = marked(path, 'first');
    marks.begin('shop/a')();
    marks.begin('shop/a');
    marks.begin('shop/b')();
    marks.leads('first/7');
    const next = marked(path, 'second').marks;
    assert.deepEqual(next.before.death, {
      ...{ id: 'first', at: 1000, reason: 'unknown' },
      keys: [{ key: 'shop/a', survived: 1 }],
    });
    assert.equal(next.before.holder, 'first/7');
    assert.deepEqual(next.pending, [next.before.death]);
  });

  it('accuses nobody after an end in good order, nor of a process that was killed while it rested', () => {
    const path = fresh();
    const { marks } = marked(path, 'first');
    marks.begin('shop/a');
    marks.close();
    const second = marked(path, 'second').marks;
    assert.equal(second.before.death, undefined);
    second.begin('shop/b')();
    assert.equal(marked(path, 'third').marks.before.death, undefined);
  });

  it('names the key on trial, and the cause that the process gave itself', () => {
    const path = fresh();
    const { marks } = marked(path, 'first');
    marks.begin('shop/other');
    marks.begin('shop/suspect', { isTrial: true });
    const death = marks.dies('memory', ['shop/other']);
    assert.deepEqual(marked(path, 'second').marks.before.death, death);
    assert.equal(death.trial, 'shop/suspect');
  });

  it('accuses what had just ended as well, as a crash comes after the call that set it off', () => {
    const path = fresh();
    const { marks, at } = marked(path, 'first');
    marks.begin('shop/long-ago')();
    at.now += 60_000;
    marks.begin('shop/poison')();
    at.now += 100;
    marks.begin('shop/under-way');
    const { keys } = marks.dies('crash');
    assert.deepEqual(
      keys.map(({ key }) => key),
      ['shop/under-way', 'shop/poison'],
    );
  });

  it('keeps a death until it was told, also where the next process dies as well', () => {
    const path = fresh();
    marked(path, 'first').marks.begin('shop/a');
    marked(path, 'second').marks.begin('shop/b');
    const third = marked(path, 'third').marks;
    assert.deepEqual(
      third.pending.map(({ id }) => id),
      ['first', 'second'],
    );
    third.told(['first', 'second']);
    third.close();
    assert.deepEqual(marked(path, 'fourth').marks.pending, []);
  });

  it('works on where there is no file, and says so once', () => {
    const { marks, failures } = marked(join(folder, 'not', 'there'), 'first');
    marks.begin('shop/a');
    assert.deepEqual([failures.length, marks.activeSince(0)], [1, ['shop/a']]);
  });

  it('takes a file that is damaged for none', () => {
    const path = fresh();
    writeFileSync(path, Buffer.alloc(100_000, '{"id":'));
    assert.equal(marked(path, 'first').marks.before.death, undefined);
  });

  it('works on with more calls than it has room for', () => {
    const { marks } = marked(fresh(), 'first');
    const ends = ['a', 'b', 'c', 'd'].map((key) => marks.begin(key));
    assert.deepEqual(marks.activeSince(0), ['a', 'b', 'c']);
    for (const end of ends) end();
    marks.begin('e');
    assert.deepEqual(marks.activeSince(2000), ['e']);
  });
});
