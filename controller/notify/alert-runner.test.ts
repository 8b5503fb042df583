import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Log, silentLog } from '../../kube/log.ts';
import { PretendClock } from '../../kube/pretend-clock.ts';
import type { HttpAnswer, HttpCall } from '../http-call.ts';
import { alert } from './alert-fixture.ts';
import { createAlertRunner } from './alert-runner.ts';
import type { Receiver } from './receivers.ts';

interface Called {
  readonly host: string;
  readonly message: string;
  readonly answer: (status: number, headers?: HttpAnswer['headers']) => void;
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
};

/** A runner whose calls are answered by hand. */
function runner() {
  const clock = new PretendClock();
  const lost = new AbortController();
  const calls: Called[] = [];
  const done: string[] = [];
  const logged: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (fields, message) => void logged.push(`${message} ${JSON.stringify(fields)}`),
    error: (fields, message) => void logged.push(`${message} ${JSON.stringify(fields)}`),
  };
  const call: HttpCall = ({ url, body = '' }, { signal }) =>
    new Promise<HttpAnswer>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      const { message } = JSON.parse(body) as { message: string };
      const reply: Called['answer'] = (status, headers = {}) => resolve({ status, headers, body: '' });
      calls.push({ host: new URL(url).host, message, answer: reply });
    });
  const alerts = createAlertRunner({
    ...{ call, clock, log, signal: lost.signal },
    secret: () => Promise.resolve(undefined),
    onDone: ({ message }, { key }, how) => void done.push(`${key} ${message} ${how}`),
  });
  const receiver = (key: string): Receiver => ({
    ...{ key, severity: 'info' },
    provider: () => ({ namespace: 'test', spec: { type: 'webhook', address: `http://${key}.test/s3cret` } }),
  });
  const tell = (message: string, key = 'chat', name = 'podinfo') =>
    alerts.tell(alert({ message, name }), receiver(key));
  /** Answers all that have not been answered, in order, and lets follow what follows at once. */
  async function answer(...answers: Parameters<Called['answer']>[]) {
    for (const each of answers) {
      await settled();
      const next = calls.find((one) => !answered.has(one)) ?? assert.fail('nobody is called');
      answered.add(next);
      next.answer(...each);
      await settled();
    }
  }
  const answered = new Set<Called>();
  const told = () => calls.map(({ message }) => message);
  return { alerts, tell, answer, clock, calls, told, done, logged, lost };
}

describe('the runner of alerts', () => {
  it('sends a canary’s alerts to a receiver in order, and waits for no other', async () => {
    const { tell, answer, told, done } = runner();
    for (const text of ['one', 'two']) tell(text);
    tell('three', 'other');
    tell('four', 'chat', 'another');
    await settled();
    assert.deepEqual(told(), ['one', 'three', 'four']);
    await answer([200], [204], [202]);
    assert.deepEqual(told(), ['one', 'three', 'four', 'two']);
    await answer([200]);
    assert.deepEqual(done, ['chat one sent', 'other three sent', 'chat four sent', 'chat two sent']);
  });

  it('tries again after growing pauses, the same before the next', async () => {
    const { tell, answer, clock, told, done, logged } = runner();
    tell('one');
    tell('two');
    for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      await answer([503]);
      const { length } = told();
      clock.advance(pauseMs - 1);
      await settled();
      assert.equal(told().length, length, `tried again within ${pauseMs} ms`);
      clock.advance(1);
    }
    await answer([200]);
    assert.deepEqual(told(), [...Array.from({ length: 9 }, () => 'one'), 'two']);
    assert.deepEqual(done, ['chat one sent']);
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? '', /^an alert was not taken, and is tried again: http:\/\/chat\.test answered 503 /);
  });

  it('waits as long as the receiver asks for', async () => {
    const { tell, answer, clock, told } = runner();
    tell('one');
    await answer([429, { 'retry-after': '90' }]);
    clock.advance(89_999);
    await settled();
    assert.equal(told().length, 1);
    clock.advance(1);
    await answer([200]);
    assert.equal(told().length, 2);
  });

  it('gives up after ten minutes, and at once what no try makes better', async () => {
    const { tell, answer, clock, told, done, logged } = runner();
    tell('one');
    tell('two');
    for (let minute = 0; minute < 12 && done.length === 0; minute++) {
      await answer([500]);
      clock.advance(60_000);
    }
    assert.deepEqual(done, ['chat one dropped']);
    assert.ok(clock.now() <= 660_000, `given up after ${clock.now()} ms`);
    // The next has waited as long, and is tried all the same.
    await answer([404]);
    assert.deepEqual(done, ['chat one dropped', 'chat two dropped']);
    assert.equal(told().at(-1), 'two');
    assert.match(logged.at(-1) ?? '', /^an alert is dropped: http:\/\/chat\.test answered 404 .*"tries":1/);
    assert.doesNotMatch(logged.join('\n'), /s3cret/);
  });

  it('drops a wait that is longer than it would try', async () => {
    const { tell, answer, done } = runner();
    tell('one');
    await answer([429, { 'retry-after': '86400' }]);
    assert.deepEqual(done, ['chat one dropped']);
  });

  it('lets 32 wait, and drops what comes then', async () => {
    const { tell, done, answer, told } = runner();
    for (let count = 1; count <= 34; count++) tell(String(count));
    assert.deepEqual(done, ['chat 33 dropped', 'chat 34 dropped']);
    await answer(...Array.from({ length: 32 }, (): [number] => [200]));
    assert.equal(told().length, 32);
    tell('35');
    await answer([200]);
    assert.equal(done.at(-1), 'chat 35 sent');
  });

  it('lets go out what is under way when it is closed, and no longer than it is given', async () => {
    const { alerts, tell, answer, clock, done } = runner();
    tell('one');
    tell('two');
    tell('three', 'deaf');
    const closing = alerts.close(3000);
    await settled();
    await answer([200]);
    await settled();
    assert.deepEqual(done, ['chat one sent']);
    clock.advance(3000);
    await closing;
    assert.deepEqual(done.toSorted(), ['chat one sent', 'chat two dropped', 'deaf three dropped']);
    tell('four');
    assert.equal(done.at(-1), 'chat four dropped');
    assert.equal(clock.pending, 0);
  });

  it('is closed at once when nothing is under way', async () => {
    const { alerts, clock } = runner();
    await alerts.close(3000);
    assert.equal(clock.pending, 0);
  });

  it('ends with the lease', async () => {
    const { tell, answer, done, lost, calls, clock } = runner();
    tell('one');
    tell('two', 'other');
    await answer([503]);
    lost.abort(new Error('lost'));
    await settled();
    assert.deepEqual(done.toSorted(), ['chat one dropped', 'other two dropped']);
    assert.equal(calls.length, 2);
    assert.equal(clock.pending, 0);
  });
});
