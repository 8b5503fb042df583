import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Ask, accountsOf, type Run, type Story } from './accounts.ts';

const KEY = 'soak-0/app-1';
const START = Date.parse('2026-01-01T00:00:00.000Z');
const at = (seconds: number) => START + seconds * 1000;
const [ONE, TWO] = ['a'.repeat(64), 'b'.repeat(64)];
const ask = (what: Ask['what'], template: string, seconds: number): Ask => ({
  key: KEY,
  what,
  template,
  atMs: at(seconds),
});
const run = (result: Run['result'], reason: string, from: number, to: number, revision = ONE): Run => ({
  ...{ key: KEY, revision, result, reason, message: 'why' },
  ...{ startedAt: new Date(at(from)).toISOString(), finishedAt: new Date(at(to)).toISOString() },
});
const story = (parts: Partial<Story>): Story => ({
  ...{ asks: [], runs: [], actions: [], gone: [], held: [], away: [] },
  ...parts,
});
const problems = (parts: Partial<Story>) => accountsOf(story(parts)).problems;

describe('accountsOf()', () => {
  it('takes what was asked for and came to its end', () => {
    const asks = [ask('good', ONE, 0), ask('bad', TWO, 60)];
    const runs = [run('Succeeded', 'Promoted', 1, 30), run('Failed', 'CanaryDeadlineExceeded', 61, 110, TWO)];
    const accounts = accountsOf(story({ asks, runs }));
    assert.deepEqual(accounts.problems, []);
    assert.deepEqual(
      [...accounts.asks],
      [
        ['good: Succeeded', 1],
        ['bad: Failed', 1],
      ],
    );
    assert.deepEqual([...accounts.runs.keys()], ['Succeeded Promoted', 'Failed CanaryDeadlineExceeded']);
  });

  it('sees a revision that was swallowed, also where another came long after', () => {
    assert.match(problems({ asks: [ask('good', ONE, 0)] }).join('\n'), /nothing became of/);
    const late = {
      asks: [ask('good', ONE, 0), ask('good', TWO, 600)],
      runs: [run('Succeeded', 'Promoted', 601, 630, TWO)],
    };
    assert.match(problems(late).join('\n'), /nothing became of/);
    assert.deepEqual(problems({ ...late, held: [{ key: KEY, fromMs: at(-5), toMs: at(20) }] }), []);
    assert.deepEqual(problems({ ...late, gone: [{ key: KEY, atMs: at(10) }] }), []);
  });

  it('takes a revision that the next one overtook before it could begin', () => {
    const asks = [ask('good', ONE, 0), ask('good', TWO, 10)];
    assert.deepEqual(problems({ asks, runs: [run('Succeeded', 'Promoted', 11, 30, TWO)] }), []);
  });

  it('sees an end that nobody brought about', () => {
    const asks = [ask('good', ONE, 0)];
    for (const [result, reason, why] of [
      ['Failed', 'ThresholdReached', /a good revision failed/],
      ['Aborted', 'Aborted', /nobody aborted it/],
      ['Failed', 'Rejected', /nobody rejected it/],
      ['Succeeded', 'PromotedByHand', /nobody promoted it/],
      ['Superseded', 'NewRevision', /nothing came after it/],
      ['Reverted', 'TargetReverted', /nobody took it back/],
    ] as const) {
      // Its own ask is long past.
      const asks_ = result === 'Failed' ? asks : [{ ...ask('good', ONE, -100) }];
      assert.match(problems({ asks: asks_, runs: [run(result, reason, 1, 30)] }).join('\n'), why);
    }
    const asked = { key: KEY, name: 'x', action: 'abort', atMs: at(10), answer: 'Done: gone' } as const;
    assert.deepEqual(problems({ asks, actions: [asked], runs: [run('Aborted', 'Aborted', 1, 11)] }), []);
  });

  it('sees a bad revision that was promoted', () => {
    const found = problems({ asks: [ask('bad', ONE, 0)], runs: [run('Succeeded', 'Promoted', 1, 30)] });
    assert.match(found.join('\n'), /a bad revision was promoted/);
  });

  it('takes pods that came too late for a failure of a good revision only while the API server was away', () => {
    const late = { asks: [ask('good', ONE, 0)], runs: [run('Failed', 'CanaryDeadlineExceeded', 1, 60)] };
    assert.match(problems(late).join('\n'), /a good revision failed/);
    assert.deepEqual(problems({ ...late, away: [{ fromMs: at(20), toMs: at(30) }] }), []);
    const judged = {
      ...late,
      runs: [run('Failed', 'ThresholdReached', 1, 60)],
      away: [{ fromMs: at(20), toMs: at(30) }],
    };
    assert.match(problems(judged).join('\n'), /a good revision failed/);
  });

  it('sees an end without a reason, and an action without an answer', () => {
    const run_ = { ...run('Succeeded', 'Promoted', 1, 30), message: '' };
    assert.match(problems({ asks: [ask('good', ONE, 0)], runs: [run_] }).join('\n'), /is not explained/);
    const action = { key: KEY, name: 'x', action: 'pause', atMs: at(10) } as const;
    assert.match(problems({ actions: [action] }).join('\n'), /no answer/);
    assert.deepEqual(problems({ actions: [action], gone: [{ key: KEY, atMs: at(11) }] }), []);
  });
});
