import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { describe, it } from 'node:test';
import type { Canary } from '../../api/generated/canary.ts';
import { type Log, silentLog } from '../../kube/log.ts';
import { PretendClock } from '../../kube/pretend-clock.ts';
import type { HttpAnswer, HttpCall } from '../http-call.ts';
import { canaryWith } from './hook-fixture.ts';
import { createHookRunner, type HookRunnerOptions } from './hook-runner.ts';

interface Called {
  readonly url: string;
  readonly body: { readonly phase: string };
  readonly signal: AbortSignal;
  readonly answer: (status: number) => void;
}

const KEY = 'test/podinfo';
const settled = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
};

/** A runner whose calls are answered by hand. */
function runner(given: Partial<HookRunnerOptions> = {}) {
  const neverEnds = new AbortController().signal;
  setMaxListeners(0, neverEnds);
  const calls: Called[] = [];
  const answered: string[] = [];
  const logged: string[] = [];
  const clock = new PretendClock();
  const log: Log = {
    ...silentLog,
    warn: (_fields, message) => void logged.push(message),
    error: (_fields, message) => void logged.push(message),
  };
  const call: HttpCall = ({ url, body = '' }, { signal }) =>
    new Promise<HttpAnswer>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      const answer = (status: number) => resolve({ status, headers: {}, body: '' });
      calls.push({ url, body: JSON.parse(body) as Called['body'], signal, answer });
    });
  const hooks = createHookRunner({
    ...{ call, clock, log, signal: neverEnds },
    secret: () => Promise.resolve(undefined),
    onAnswer: (key) => void answered.push(key),
    ...given,
  });
  return { hooks, calls, answered, logged, clock };
}

const GATE = { name: 'gate', type: 'confirm-rollout', url: 'http://gate.test' };
const ROLLBACK = { name: 'back', type: 'rollback', url: 'http://back.test' };
const EVENT = { name: 'chat', type: 'event', url: 'http://chat.test' };
const about = (revision: string, rest: object = {}): Canary =>
  canaryWith([GATE, ROLLBACK, EVENT], { phase: 'Waiting', lastAppliedSpec: revision, ...rest });
const verdicts = (answers: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(answers).map(([question, answer]) => [
      question,
      Array.isArray(answer) ? answer.map(({ name, verdict }) => `${name} ${verdict}`).join() : answer,
    ]),
  );

describe('createHookRunner()', () => {
  it('asks a question once, and tells when there is an answer', async () => {
    const { hooks, calls, answered } = runner();
    assert.deepEqual(hooks.answers(about('b')), {});
    for (let time = 0; time < 3; time++) hooks.ask(about('b'), 'confirm-rollout', 'one');
    await settled();
    assert.deepEqual([calls.map(({ url }) => url), answered], [['http://gate.test/'], []]);
    assert.deepEqual(hooks.answers(about('b')), { one: 'under way' });
    calls[0]?.answer(200);
    await settled();
    assert.deepEqual(answered, [KEY]);
    assert.deepEqual(verdicts(hooks.answers(about('b'))), { one: 'gate Pass' });
    hooks.ask(about('b'), 'confirm-rollout', 'one');
    await settled();
    assert.equal(calls.length, 1);
  });

  it('has no answer about another revision, and breaks off what is under way for the one before', async () => {
    const { hooks, calls, answered, logged } = runner();
    hooks.ask(about('b'), 'confirm-rollout', 'one');
    await settled();
    assert.deepEqual(hooks.answers(about('c')), {});
    hooks.ask(about('c'), 'confirm-rollout', 'two');
    await settled();
    assert.deepEqual(
      calls.map(({ signal }) => signal.aborted),
      [true, false],
    );
    assert.deepEqual(hooks.answers(about('c')), { two: 'under way' });
    assert.deepEqual(hooks.answers(about('b')), {});
    calls[0]?.answer(200);
    calls[1]?.answer(403);
    await settled();
    assert.deepEqual(verdicts(hooks.answers(about('c'))), { two: 'gate Fail' });
    assert.deepEqual([answered, logged], [[KEY], []]);
  });

  it('keeps the last answer of each moment, and breaks off an older question of it', async () => {
    const { hooks, calls } = runner();
    for (let number = 0; number < 100; number++) hooks.ask(about('b'), 'rollback', `rollback ${number}`);
    hooks.ask(about('b'), 'confirm-rollout', 'gate');
    await settled();
    assert.deepEqual(hooks.answers(about('b')), { 'rollback 99': 'under way', gate: 'under way' });
    assert.ok(calls.length <= 101 && calls.filter(({ signal }) => !signal.aborted).length === 2);
    for (const { answer } of calls) answer(200);
    await settled();
    assert.deepEqual(verdicts(hooks.answers(about('b'))), { 'rollback 99': 'back Pass', gate: 'gate Pass' });
  });

  it('forgets a canary that is gone, with what is under way for it', async () => {
    const { hooks, calls, answered } = runner();
    hooks.ask(about('b'), 'confirm-rollout', 'one');
    await settled();
    hooks.forget(KEY);
    hooks.forget('test/other');
    await settled();
    assert.equal(calls[0]?.signal.aborted, true);
    assert.deepEqual([hooks.answers(about('b')), answered], [{}, []]);
    hooks.ask(about('b'), 'confirm-rollout', 'one');
    await settled();
    assert.equal(calls.length, 2);
  });

  it('ends all calls with its signal, and tells nobody', async () => {
    const stop = new AbortController();
    const { hooks, calls, answered, logged } = runner({ signal: stop.signal });
    hooks.ask(about('b'), 'confirm-rollout', 'one');
    hooks.tell(about('b'), { message: 'x', type: 'Normal', at: new Date(0) });
    await settled();
    stop.abort();
    await settled();
    assert.ok(calls.length === 2 && calls.every(({ signal }) => signal.aborted));
    assert.deepEqual([answered, logged], [[], []]);
  });

  it('takes no answer for a closed gate', async () => {
    const { hooks, logged } = runner({ call: () => Promise.reject(new TypeError('odd')) });
    hooks.ask(about('b'), 'confirm-rollout', 'one');
    await settled();
    assert.deepEqual([verdicts(hooks.answers(about('b'))), logged], [{ one: 'gate Error' }, []]);
  });

  it('logs a fault of ours, and asks again after a pause', async () => {
    const { hooks, answered, logged, clock } = runner();
    const broken = { ...about('b'), spec: new Proxy({} as Canary['spec'], { get: () => assert.fail('broken') }) };
    hooks.ask(broken, 'confirm-rollout', 'one');
    await settled();
    assert.deepEqual(
      [logged, answered, hooks.answers(broken)],
      [['hooks could not be called'], [], { one: 'under way' }],
    );
    clock.advance(10_000);
    await settled();
    assert.deepEqual([answered, hooks.answers(broken)], [[KEY], {}]);
    assert.equal(clock.pending, 0);
  });

  it('tells the hooks after a release how it ended', async () => {
    const after = { ...GATE, type: 'post-rollout' };
    const results = { Succeeded: 'Succeeded', Failed: 'Failed', Aborted: 'Failed' };
    for (const [result, phase] of Object.entries(results)) {
      const { hooks, calls } = runner();
      const status = { phase: 'Progressing', lastAppliedSpec: 'b', ending: { result, reason: 'x', message: '' } };
      hooks.ask(canaryWith([after], status), 'post-rollout', 'one');
      await settled();
      assert.equal(calls[0]?.body.phase, phase);
    }
  });

  it('tells event hooks, drops what is too much for them, and never throws', async () => {
    const { hooks, calls, answered, logged } = runner();
    const event = { message: 'x', type: 'Normal', at: new Date(0) } as const;
    for (let count = 0; count < 40; count++) hooks.tell(about('b'), event);
    await settled();
    // One after the other, as they happened.
    assert.deepEqual([calls.length, logged.length], [1, 8]);
    assert.match(logged[0] ?? '', /too slow/);
    hooks.forget(KEY);
    for (let count = 0; count < 32; count++) {
      calls[count]?.answer(403);
      await settled();
    }
    assert.equal(logged.filter((line) => line.startsWith('an event was not taken')).length, 32);
    hooks.tell(about('b'), event);
    await settled();
    assert.deepEqual([calls.length, answered], [33, []]);
    calls[32]?.answer(200);
    const broken = { ...about('b'), spec: new Proxy({} as Canary['spec'], { get: () => assert.fail('broken') }) };
    hooks.tell(broken, event);
    await settled();
    assert.equal(logged.at(-1), 'event hooks could not be called');
  });
});
